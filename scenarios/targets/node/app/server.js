// A cluster of workers that serve the application at the address given by two arguments, host and
// port, or else by the environment.
"use strict";

const cluster = require("node:cluster");

const workerCount = Number(process.env.POOLBENCH_WORKERS ?? 2);
const [host = process.env.HOST ?? "127.0.0.1", port = process.env.PORT ?? 3000] = process.argv.slice(2);

function runPrimary() {
  const workers = Array.from({ length: workerCount }, () => cluster.fork());
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

function runWorker() {
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
  runWorker();
}
