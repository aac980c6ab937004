// The control line of `event.py`, for servers on Node.
module.exports = (net, port, publish) => {
  let number = 0;
  const serve = (socket) => {
    let line = "";
    const run = (left, interval) => {
      if (left === 0) return;
      number += 1;
      socket.write("ok\n");
      publish(number);
      if (interval) setTimeout(run, interval / 1000, left - 1, interval);
      else setImmediate(run, left - 1, interval);
    };
    socket.on("data", (data) => {
      line += data;
      if (!line.endsWith("\n")) return;
      const [count, interval] = line.split(" ").map(Number);
      line = "";
      run(count, interval);
    });
    socket.on("error", () => socket.destroy());
  };
  net.createServer({ noDelay: true }, serve).listen(port, "127.0.0.1");
};
