// A cluster of workers that serve the application at the address given by two arguments: host, port.
"use strict";

const cluster = require("node:cluster");

function runPrimary() {
  const workers = Array.from({ length: Number(process.env.POOLBENCH_WORKERS) }, () => cluster.fork());
  const stop = () => {
    for (const worker of workers) worker.process.kill("SIGTERM");
  };
  process.on("SIGTERM", stop);
  // A worker that ends with an error, at its start say, takes the others with it.
  cluster.on("exit", (worker, code) => {
    if (code === 0) return;
    process.exitCode = 1;
    stop();
  });
}

function runWorker(host, port) {
  const { application } = require("./application");
  const database = require("./database");
  const server = application.listen(Number(port), host);
  process.on("SIGTERM", () => {
    server.close(async () => {
      await database.end();
      process.exit();
    });
    server.closeIdleConnections();
  });
}

if (cluster.isPrimary) {
  runPrimary();
} else {
  runWorker(...process.argv.slice(2));
}
