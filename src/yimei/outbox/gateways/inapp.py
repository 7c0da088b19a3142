"""The patient's own inbox in this program: being stored is being delivered."""

import uuid


class InAppGateway:
    party = ""

    def send(self, to: str, subject: str, body: str, stop: str = "") -> str:
        return uuid.uuid4().hex
