import pytest
from connectors.contract import AccountContract, ReaderContract, SenderContract

pytestmark = pytest.mark.servers


class TestReader(ReaderContract):
    pass


class TestAccount(AccountContract):
    pass


class TestSender(SenderContract):
    pass
