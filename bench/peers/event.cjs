// The event of `event.py`, for servers on Node.
const ROOM = "00000000-0000-0000-0000-000000000007";
const ID = "00000000-0000-0000-0000-000000000009";

exports.encoded = (number) =>
  JSON.stringify({
    t: "ev",
    s: `room:${ROOM}`,
    q: 1000000 + number,
    id: ID,
    k: "meeting.page_turned",
    at: "2026-01-05T08:00:00.123456+00:00",
    d: { meeting_id: ROOM, by: ID, document_id: ID, revision_id: ID, page: (number % 90) + 10 },
  });
