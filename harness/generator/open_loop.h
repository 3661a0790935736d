#pragma once

#include <deque>
#include <vector>

#include "generator/pacer.h"
#include "generator/worker.h"

namespace poolbench::generator {

/// Requests become due by a schedule, whatever the server does. One that finds no free connection
/// waits in a queue; one that finds the queue full is dropped, and counted. So is one that falls
/// due faster than requests can be begun, and has not been when the window ends.
class OpenLoop final : public RequestSource {
 public:
  OpenLoop(std::deque<Connection>& connections, RunWindow& window, ThreadStats& stats, Pacer pacer,
           std::size_t queue_limit);

  void on_free(Connection& connection, base::SteadyTime now) override;
  void on_batch(base::SteadyTime now) override;
  void on_tick(base::SteadyTime now) override;
  [[nodiscard]] bool is_empty() const override { return queue_.empty() && !is_behind_; }
  [[nodiscard]] base::SteadyTime wakes_at() const override { return pacer_.next(); }
  void give_up() override;

 private:
  struct Planned {
    std::uint64_t seq = 0;
    base::SteadyTime time;
  };
  struct Resting {
    Connection* connection = nullptr;
    base::SteadyTime until;
  };

  void plan(const Planned& planned);
  void drop(const Planned& planned);
  void serve(Connection& connection);
  void rest(Connection& connection, base::SteadyTime now);

  RunWindow& window_;
  ThreadStats& tally_;
  Pacer pacer_;
  const std::size_t queue_limit_;
  bool is_behind_ = false;  // some of what is due has not been looked at yet
  std::deque<Planned> queue_;
  std::deque<Connection*> idle_;  // taken in turn, so that all are used alike
  std::vector<Resting> resting_;  // could not connect a moment ago
};

}  // namespace poolbench::generator
