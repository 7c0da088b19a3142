"""What every channel offers, and how it says no."""

from typing import Protocol


class GatewayRefused(Exception):  # noqa: N818 - an outcome, not a fault
    """The channel said no: nothing was sent and nothing will be."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code[:60]


class OutcomeUnknown(Exception):  # noqa: N818 - an outcome, not a fault
    """The line broke after the message was handed over: nobody knows whether it was sent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code[:60]


class Gateway(Protocol):
    @property
    def party(self) -> str:
        """The code of the outside company behind it in the register of parties; blank within the house."""
        ...

    def send(self, to: str, subject: str, body: str, stop: str = "") -> str:
        """Hand over one message and return the channel's own number for it.

        ``stop`` is the address at which one step refuses further ones, for channels with a place for it.
        """
        ...
