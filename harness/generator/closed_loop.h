#pragma once

#include <deque>
#include <vector>

#include "generator/worker.h"

namespace poolbench::generator {

/// Each connection sends its next request when its last one has ended.
class ClosedLoop final : public RequestSource {
 public:
  /// Connection i of this thread is the (first + i · step)-th of the run, for the ramp.
  ClosedLoop(std::deque<Connection>& connections, RunWindow& window, const Options& options,
             int first, int step);

  void on_free(Connection& connection, base::SteadyTime now) override;
  void on_batch(base::SteadyTime) override {}
  void on_tick(base::SteadyTime now) override;
  [[nodiscard]] bool is_empty() const override { return true; }
  void give_up() override {}

 private:
  void feed(Connection& connection, base::SteadyTime now);

  std::deque<Connection>& connections_;
  RunWindow& window_;
  std::vector<base::Duration> begins_after_;  // the ramp
  std::vector<base::SteadyTime> not_before_;  // back-off
};

}  // namespace poolbench::generator
