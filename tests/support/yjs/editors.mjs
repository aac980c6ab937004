// Editors as apps have them: npm's yjs and y-websocket, unchanged. One JSON line asks, one answers.
import readline from 'node:readline';
import WS from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

const editors = new Map();
const warned = [];
console.warn = (said) => warned.push(String(said));

const protocols = (ticket) => ['khonggiay.text.v1', `ticket.${ticket}`];
const once = (holds, listen) => new Promise((done) => {
  const look = () => { if (holds()) { stop(); done(); } };
  const stop = listen(look);
  look();
});
const synced = (provider) => once(() => provider.synced, (look) => {
  provider.on('sync', look);
  return () => provider.off('sync', look);
});

const steps = {
  async open({ name, url, text, ticket }) {
    const doc = new Y.Doc();
    const provider = new WebsocketProvider(url, text, doc, {
      WebSocketPolyfill: WS, disableBc: true, protocols: protocols(ticket),
    });
    const editor = { doc, provider, text: doc.getText('minutes'), codes: [] };
    provider.on('connection-close', (event) => {
      editor.codes.push(event?.code ?? 0);
      provider.shouldConnect = false; // its ticket is used up: come back with another
    });
    editors.set(name, editor);
    await synced(provider);
    return {};
  },
  async reopen({ name, ticket }) {
    const { provider } = editors.get(name);
    provider.protocols = protocols(ticket);
    provider.connect();
    await synced(provider);
    return {};
  },
  async leave({ name }) {
    editors.get(name).provider.disconnect();
    return {};
  },
  async insert({ name, at, words }) {
    const { text } = editors.get(name);
    text.insert(at ?? text.length, words);
    return {};
  },
  async remove({ name, at, length }) {
    editors.get(name).text.delete(at, length);
    return {};
  },
  async format({ name, at, length }) {
    editors.get(name).text.format(at, length, { bold: true });
    return {};
  },
  async read({ name }) {
    return { words: editors.get(name).text.toString() };
  },
  async until({ name, words }) {
    const { text } = editors.get(name);
    await once(() => text.toString() === words, (look) => {
      text.observe(look);
      return () => text.unobserve(look);
    });
    return {};
  },
  async show({ name, user }) {
    editors.get(name).provider.awareness.setLocalStateField('user', user);
    return {};
  },
  async shown({ name, count }) {
    const { awareness } = editors.get(name).provider;
    const others = () => [...awareness.getStates()].filter(
      ([client, state]) => client !== awareness.clientID && state.user,
    ).map(([, state]) => state);
    await once(() => others().length === count, (look) => {
      awareness.on('change', look);
      return () => awareness.off('change', look);
    });
    return { states: others() };
  },
  async warned() {
    await once(() => warned.length > 0, (look) => {
      const again = setInterval(look, 20);
      return () => clearInterval(again);
    });
    return { warned };
  },
  async closed({ name }) {
    const editor = editors.get(name);
    await once(() => editor.codes.length > 0, (look) => {
      editor.provider.on('connection-close', look);
      return () => editor.provider.off('connection-close', look);
    });
    return { codes: editor.codes };
  },
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { step, ...said } = JSON.parse(line);
  try {
    process.stdout.write(`${JSON.stringify(await steps[step](said))}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`);
  }
}
process.exit(0);
