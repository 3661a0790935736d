#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "generator/fake_server.h"
#include "generator/run.h"

namespace poolbench::generator {

inline void answer_all(Peer& peer) {
  while (peer.request()) peer.answer("hello");
}

/// Exactly n requests to the server.
inline Options counted(const FakeServer& server, std::uint64_t n, int connections = 1) {
  Options options;
  options.server = server.endpoint();
  options.connections = connections;
  options.request_count = n;
  options.timeout = std::chrono::seconds(5);
  return options;
}

inline report::Measurement measure(const Options& options) {
  const auto measurement = run(options, {}, {});
  EXPECT_TRUE(measurement) << measurement.error().message;
  const report::Measurement m = measurement.value_or(report::Measurement{});
  EXPECT_EQ(m.requests.sent, m.requests.ok + m.requests.failed());
  return m;
}

/// Ten requests to a server with this script.
inline report::Measurement measure_with(std::function<void(Peer&)> script,
                                        const std::function<void(Options&)>& change = {}) {
  const FakeServer server(std::move(script));
  Options options = counted(server, 10);
  if (change) change(options);
  return measure(options);
}

/// A script that answers every request with these bytes, and then closes or not.
inline std::function<void(Peer&)> sends(std::string bytes, bool closes) {
  return [=](Peer& peer) {
    while (peer.request() && peer.send(bytes) && !closes) {
    }
  };
}

}  // namespace poolbench::generator
