"""The public contract of the socket as an AsyncAPI 3 document, generated from the code."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from core.events import Event
from realtime import frames, pictures, pointing, presence, signalling, stage
from realtime.endpoint import PATH, TICKET
from realtime.frames import PROTOCOL, Code
from realtime.texts import contract as texts

Json = dict[str, Any]

FROM_PHONE: tuple[type[BaseModel], ...] = (
    frames.Auth,
    frames.Hello,
    frames.Sub,
    frames.Unsub,
    frames.Cmd,
    frames.Ack,
    frames.PhonePing,
    frames.PhonePong,
)
FROM_SERVER: tuple[type[BaseModel], ...] = (
    frames.Welcome,
    frames.Ok,
    frames.Err,
    frames.Reset,
    frames.Bye,
    frames.Ping,
    frames.Pong,
)
#: Kinds that no log keeps, with the shape of their `d`.
EPHEMERAL: dict[str, type[BaseModel]] = {
    presence.KIND: presence.RoomPresence,
    stage.KIND: stage.RoomMedia,
}

#: What phones say to phones; it comes to them with who said it.
WORDS: dict[str, type[BaseModel]] = {**signalling.KINDS, **pointing.KINDS}

#: What phones ask of the socket itself.
ASKED: dict[str, type[BaseModel]] = {**signalling.ENGINE_KINDS, pictures.KIND: pictures.Wanted}

CLOSE_CODES: dict[Code, str] = {
    Code.BAD_FRAME: "A frame that is none; a fault in the phone.",
    Code.UNAUTHENTICATED: "No good ticket, or its time is over: get a new one and connect again.",
    Code.REVOKED: "The device was revoked: do not connect again.",
    Code.GONE: "Of a text: there is none that you may read, or not any more.",
    Code.SLOW: "The phone reads or answers too slowly: connect again and resume.",
    Code.REPLACED: "The same device connected anew: stay away.",
    Code.TOO_LARGE: "A frame over 64 KiB (over 256 KiB: 1009).",
    Code.UNKEPT: "Of a text: what you wrote cannot be kept; drop your copy, connect anew.",
    Code.RATE: "Too many frames: connect again after `retry` seconds.",
    Code.INTERNAL: "A fault of ours: connect again after `retry` seconds.",
    Code.DRAINING: "The server stops: connect again after a random part of `retry` seconds.",
}
#: From the layer below, without a `bye`.
WEBSOCKET_CODES: dict[int, str] = {
    1002: "A frame against RFC 6455; a fault in the phone.",
    1007: "Text that is no UTF-8; a fault in the phone.",
    1009: "A message over 256 KiB; a fault in the phone.",
    1012: "The server stops, and cannot say goodbye: as 4503.",
}

DESCRIPTION = f"""\
One socket for each device, subprotocol `{PROTOCOL}`, JSON text frames. The ticket comes as a second
subprotocol `{TICKET}<ticket>` or as a first frame `auth` within 5 seconds, `hello` within 5 more.
Durable events carry their position `q` in their stream and are resumed from `[epoch, q]`; ephemeral
ones have no `q` and are never replayed. Within a stream `q` grows by one: nothing is skipped.
A lost position is told by `resync` or `reset`; the phone subscribes again from a snapshot, on
the same socket. Phones ignore kinds, frames and fields they do not know. Binary messages are parts
of pictures asked for with `{pictures.KIND}`: 8 bytes with the request's `i`, then bytes.
Texts that several people write have a socket of their own, subprotocol `{texts.PROTOCOL}` with a
ticket beside it: the wire protocol of Yjs, in binary frames.
"""


def document(events: Iterable[type[Event]], commands: Mapping[str, type[BaseModel]]) -> Json:
    """Describe every frame, every close code, every event and every command there is."""
    durable = sorted(events, key=lambda event: event.name)
    schemas = _schemas([*FROM_PHONE, *FROM_SERVER, frames.Ev, *EPHEMERAL.values(),
                        *WORDS.values(), *ASKED.values(), *commands.values(),
                        *durable])  # fmt: skip
    messages = {model.__name__: _message(model) for model in (*FROM_PHONE, *FROM_SERVER)}
    messages |= {f"ev.{event.name}": _event(event.name, event, durable=True) for event in durable}
    messages |= {f"ev.{k}": _event(k, model, durable=False) for k, model in EPHEMERAL.items()}
    messages |= {f"ev.{k}": _word(k, model) for k, model in WORDS.items()}
    spoken = [model.__name__ for model in FROM_PHONE]
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Không Giấy realtime", "version": "1", "description": DESCRIPTION},
        "defaultContentType": "application/json",
        "channels": {"realtime": _channel(messages), "texts": texts.channel()},
        "operations": {
            "fromPhone": _operation("receive", spoken),
            "fromServer": _operation("send", [name for name in messages if name not in spoken]),
            "textFromClient": _operation("receive", texts.FROM_CLIENT, "texts"),
            "textFromServer": _operation("send", texts.FROM_SERVER, "texts"),
        },
        "components": {"messages": messages | texts.messages(), "schemas": schemas},
        "x-close-codes": {str(int(code)): text for code, text in _closes()},
        "x-commands": {
            kind: _ref(model.__name__)
            for kind, model in sorted({**commands, **WORDS, **ASKED}.items())
        },
    }


def _closes() -> Iterator[tuple[int, str]]:
    yield from WEBSOCKET_CODES.items()
    yield from CLOSE_CODES.items()


def _schemas(models: Sequence[type[BaseModel]]) -> Json:
    phone = [(model, "validation") for model in dict.fromkeys(models)]
    _, schema = models_json_schema(phone, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type] # the mode is a literal
    return dict(schema["$defs"])


def _channel(messages: Json) -> Json:
    return {
        "address": PATH,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"ws": {"method": "GET"}},
    }


def _operation(action: str, names: Iterable[str], of: str = "realtime") -> Json:
    channel = f"#/channels/{of}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in names],
    }


def _message(model: type[BaseModel]) -> Json:
    return {
        "name": model.model_fields["t"].annotation.__args__[0],  # type: ignore[union-attr] # a Literal
        "summary": (model.__doc__ or "").strip().splitlines()[0],
        "payload": _ref(model.__name__),
    }


def _event(kind: str, body: type[BaseModel], *, durable: bool) -> Json:
    narrowed: Json = {"properties": {"k": {"const": kind}, "d": _ref(body.__name__)}}
    if durable:
        narrowed["required"] = ["q"]
    return {
        "name": kind,
        "summary": (body.__doc__ or "").strip().splitlines()[0],
        "payload": {"allOf": [_ref(frames.Ev.__name__), narrowed]},
    }


def _word(kind: str, word: type[BaseModel]) -> Json:
    heard = _event(kind, word, durable=False)
    sender = {name: {"type": "string"} for name in ("from", "who")}
    said = {"type": "object", "required": ["from", "who"], "properties": sender}
    heard["payload"]["allOf"][1]["properties"]["d"] = said
    return heard


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}
