import pytest
from connectors.contract import AccountContract, ReaderContract, SenderContract

ways = pytest.mark.parametrize("far", ["public, oauth1", "private, oauth1", "public, oauth2"], indirect=True)


@ways
class TestReader(ReaderContract):
    pass


@ways
class TestAccount(AccountContract):
    pass


@ways
class TestSender(SenderContract):
    pass
