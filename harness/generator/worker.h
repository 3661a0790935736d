#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/raii.h"
#include "base/result.h"
#include "generator/connection.h"
#include "generator/request_source.h"
#include "stats/histogram.h"

namespace poolbench::generator {

/// One thread of the generator: an epoll loop over its share of the connections.
class Worker {
 public:
  /// kFailed when the system gives no epoll descriptor.
  static base::Result<std::unique_ptr<Worker>> create(const RunInputs& inputs, RunWindow& window,
                                                      int index);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() = default;

  /// Works until the window is over and nothing is in flight.
  void run();

  // For the other thread, while run() is running:
  [[nodiscard]] int in_flight() const { return context_.in_flight.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t ended() const {
    return context_.ended.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t errors() const {
    return context_.errors.load(std::memory_order_relaxed);
  }

  /// Of the window; as they were when this was asked for the last time, or soon after.
  [[nodiscard]] stats::Histogram latencies_so_far();

  // After run() has returned:
  [[nodiscard]] const ThreadStats& stats() const { return context_.stats; }
  [[nodiscard]] const ThreadUse& use() const { return use_; }

 private:
  Worker(const RunInputs& inputs, RunWindow& window, int index, base::UniqueFd epoll,
         base::UniqueFd timer);

  void choose_source();
  void arm_timer();
  void handle_events(base::SteadyTime now);
  [[nodiscard]] std::chrono::milliseconds patience(base::SteadyTime now) const;
  void tick(base::SteadyTime now);
  void note_use(base::SteadyTime now);
  void note_delay();
  [[nodiscard]] base::Duration run_delay() const;
  void abort_all(base::SteadyTime now);
  [[nodiscard]] bool is_done(base::SteadyTime now) const;

  const RunInputs& inputs_;
  RunWindow& window_;
  const int index_;
  base::UniqueFd epoll_;
  base::UniqueFd timer_;  // open loop
  base::SteadyTime armed_for_ = Window::kNever;
  std::vector<char> buffer_;
  WorkerContext context_;
  std::deque<Connection> connections_;
  std::unique_ptr<RequestSource> source_;
  base::SteadyTime next_tick_;
  ThreadUse use_;
  std::optional<ThreadUse> use_since_;  // when what is measured began, while it lasts
  base::UniqueFd schedstat_;            // of the thread that run()s
  std::uint64_t wake_ups_ = 0;          // since the last tick, as the next two
  base::Duration delay_noted_{};
  std::uint64_t answers_noted_ = 0;
  std::atomic<bool> is_watched_{false};
  std::mutex watched_mutex_;
  stats::Histogram watched_us_;
};

}  // namespace poolbench::generator
