#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "base/time.h"
#include "generator/connection.h"
#include "generator/options.h"

namespace poolbench::generator {

/// The planned times of one thread's requests in an open loop. They depend on nothing that happens.
class Pacer {
 public:
  /// `rate_hz` is this thread's share; `first` is when its first request is due if the arrivals are
  /// constant, and when the clock of a Poisson process starts.
  Pacer(double rate_hz, Arrivals arrivals, std::uint64_t seed, base::SteadyTime first);

  [[nodiscard]] base::SteadyTime next() const { return next_; }
  void advance();

 private:
  [[nodiscard]] double random_gap_ns();

  double mean_gap_ns_;
  Arrivals arrivals_;
  std::uint64_t seed_;
  base::SteadyTime first_;
  std::uint64_t count_ = 0;
  double elapsed_ns_ = 0;  // Poisson
  base::SteadyTime next_;
};

/// Decides when the connections of one thread get requests.
class RequestSource {
 public:
  virtual ~RequestSource() = default;
  /// The request on this connection has ended.
  virtual void on_free(Connection& connection, base::SteadyTime now) = 0;
  /// Called after every batch of events.
  virtual void on_batch(base::SteadyTime now) = 0;
  /// Called at the start and every few milliseconds.
  virtual void on_tick(base::SteadyTime now) = 0;
  /// When it needs on_batch() next, events or not.
  [[nodiscard]] virtual base::SteadyTime wakes_at() const { return Window::kNever; }
  /// No request waits in a queue.
  [[nodiscard]] virtual bool is_empty() const = 0;
  /// The run ends: what waits will never be sent.
  virtual void give_up() = 0;
};

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
  ThreadStats& stats_;
  Pacer pacer_;
  const std::size_t queue_limit_;
  bool is_behind_ = false;  // some of what is due has not been looked at yet
  std::deque<Planned> queue_;
  std::deque<Connection*> idle_;  // taken in turn, so that all are used alike
  std::vector<Resting> resting_;  // could not connect a moment ago
};

}  // namespace poolbench::generator
