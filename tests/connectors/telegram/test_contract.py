from connectors.contract import AccountContract, ReaderContract, SenderContract


class TestReader(ReaderContract):
    pass


class TestAccount(AccountContract):
    pass


class TestSender(SenderContract):
    pass
