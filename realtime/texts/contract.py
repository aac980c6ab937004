"""The public contract of shared texts, as its part of the AsyncAPI document."""

from typing import Any

from realtime.endpoint import PATH as ROOMS

Json = dict[str, Any]
ADDRESS = f"{ROOMS}/texts/{{name}}"
PROTOCOL = "khonggiay.text.v1"
NAME = "minutes:<meeting id>: the minutes of a meeting, `doc.getText('minutes')`."

#: Message -> what it is. The bytes are those of npm's y-protocols; `<…>` stands behind its length.
FROM_CLIENT = {
    "text.step1": "0 0 <state vector>: what the client has; step 2 answers with the rest.",
    "text.step2": "0 1 <update>: what the client has and the server asked for.",
    "text.update": "0 2 <update>: what was written, plain text alone.",
    "text.awareness": "1 <states>: cursors and names, passed on and kept nowhere.",
    "text.who": "3: ask what the others show of themselves.",
}
FROM_SERVER = {
    "text.asked": "0 0 <state vector>: what is committed; who may write sends the rest.",
    "text.answer": "0 1 <update>: the rest; from then on the client is in step.",
    "text.written": "0 2 <update>: what was written and is committed, one's own as well.",
    "text.shown": "1 <states>: what others show; `who` is their official, by the server.",
    "text.denied": "2 0 <code>: not allowed, nothing was changed; the code of the refusal.",
}


def messages() -> Json:
    """Describe every message."""
    return {
        name: {
            "name": name,
            "summary": summary,
            "contentType": "application/octet-stream",
            "payload": {"type": "string", "format": "binary"},
        }
        for name, summary in (FROM_CLIENT | FROM_SERVER).items()
    }


def channel() -> Json:
    """Describe the socket; its subprotocols are `PROTOCOL` and `ticket.<ticket>`."""
    return {
        "address": ADDRESS,
        "parameters": {"name": {"description": NAME}},
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages()},
        "bindings": {"ws": {"method": "GET"}},
    }
