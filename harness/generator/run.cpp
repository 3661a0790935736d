#include "generator/run.h"

#include <sys/random.h>
#include <time.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <latch>
#include <mutex>
#include <thread>

#include "base/file.h"
#include "base/result.h"
#include "generator/options.h"
#include "generator/summary.h"
#include "generator/worker.h"
#include "stats/histogram.h"

namespace poolbench::generator {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kProgressEvery{200};
constexpr std::chrono::milliseconds kLookEvery{2};

base::Duration process_cpu() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// Of this process only: ru_maxrss would tell the largest that any program of this process id was.
std::uint64_t peak_rss_bytes() {
  const auto text = base::read_file("/proc/self/status");
  const std::size_t at = text ? text->find("VmHWM:") : std::string::npos;
  unsigned long long kilobytes = 0;
  if (at == std::string::npos || std::sscanf(text->c_str() + at, "VmHWM: %llu", &kilobytes) != 1) {
    return 0;
  }
  return kilobytes * 1024;
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  if (::getrandom(&seed, sizeof seed, 0) != sizeof seed) {
    seed = static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
  }
  return seed;
}

using Workers = std::vector<std::unique_ptr<Worker>>;

base::Result<Workers> make_workers(const RunInputs& inputs, RunWindow& window) {
  Workers workers;
  for (int i = 0; i < inputs.options.threads; ++i) {
    auto worker = Worker::create(inputs, window, i);
    POOLBENCH_TRY(worker);
    workers.push_back(std::move(*worker));
  }
  return workers;
}

// Watches over the workers from the caller's thread.
class LoadGenerator {
 public:
  LoadGenerator(RunWindow& window, const Workers& workers, const Watcher& watcher,
                std::stop_token stop)
      : window_(window), workers_(workers), watcher_(watcher), stop_(std::move(stop)) {}

  // Returns when all workers are done, with the processor time of the window. kFailed when the
  // system refuses their threads.
  base::Result<base::Duration> conduct(bool warms_up) {
    std::latch ready(static_cast<std::ptrdiff_t>(workers_.size()) + 1);
    std::vector<std::jthread> threads;
    const auto started = base::guarded([&] { return start(threads, ready); });
    if (!started) {
      window_.interrupt(Clock::now());  // before those that wait for the others go on
      ready.count_down(std::ssize(workers_) - std::ssize(threads) + 1);
      return tl::unexpected(started.error());
    }
    window_.begin(Clock::now());
    ready.arrive_and_wait();
    if (warms_up) enter(Phase::kWarmUp);
    watch();
    threads.clear();
    if (phase_ != Phase::kDrain) cpu_at_end_ = process_cpu();
    enter(Phase::kDone);
    return cpu_at_end_ - cpu_at_start_;
  }

 private:
  base::Result<void> start(std::vector<std::jthread>& threads, std::latch& ready) {
    for (const auto& worker : workers_) {
      threads.emplace_back([this, &ready, &worker] {
        ready.arrive_and_wait();
        worker->run();
        const std::lock_guard lock(mutex_);
        ++done_;
        changed_.notify_all();
      });
    }
    return {};
  }

  void enter(Phase phase) {
    phase_ = phase;
    if (phase != Phase::kDrain) {  // what drains is part of what was measured
      phase_began_ = Clock::now();
      before_phase_ = counts();
    }
    if (watcher_.on_phase) watcher_.on_phase(phase);
  }

  void watch() {
    std::unique_lock lock(mutex_);
    const auto all_done = [this] { return done_ == workers_.size(); };
    while (!all_done()) {
      lock.unlock();
      look(Clock::now());
      lock.lock();
      if (stop_.stop_requested()) {
        window_.interrupt(Clock::now());
        changed_.wait(lock, all_done);
      } else {
        changed_.wait_until(lock, stop_, wake_at(), all_done);
      }
    }
  }

  // Sleeps until something is due: waking up costs the processor that the server may need.
  [[nodiscard]] base::SteadyTime wake_at() const {
    const auto now = Clock::now();
    if (window_.is_holding(now)) return now + kLookEvery;
    const base::SteadyTime soon = now + kProgressEvery;
    base::SteadyTime due = window_.evidence_from();
    if (now < window_.warm_until()) due = std::min(due, window_.warm_until());
    if (phase_ == Phase::kMeasure) due = window_.evidence_until();
    return now < due ? std::min(due, soon) : soon;
  }

  void look(base::SteadyTime now) {
    if (window_.is_holding(now) && nothing_in_flight()) window_.open_window(now);
    if (phase_ == Phase::kWarmUp && now >= window_.evidence_from()) {
      cpu_at_start_ = process_cpu();
      enter(Phase::kMeasure);
    }
    if (phase_ == Phase::kMeasure && now >= window_.evidence_until()) {
      cpu_at_end_ = process_cpu();
      enter(Phase::kDrain);
    }
    if (watcher_.on_progress && now >= last_look_ + kProgressEvery) tell_progress(now);
  }

  void tell_progress(base::SteadyTime now) {
    const Counts all = counts();
    Progress progress;
    progress.phase = phase_;
    progress.elapsed = now - phase_began_;
    progress.ended = all.ended - before_phase_.ended;
    progress.errors = all.errors - before_phase_.errors;
    progress.rate_hz =
        static_cast<double>(all.ended - ended_at_last_look_) / base::to_seconds(now - last_look_);
    stats::Histogram latencies;
    for (const auto& worker : workers_) latencies.merge(worker->latencies_so_far());
    progress.latency_us = report::quantiles_of(latencies);
    last_look_ = now;
    ended_at_last_look_ = all.ended;
    watcher_.on_progress(progress);
  }

  struct Counts {
    std::uint64_t ended = 0;
    std::uint64_t errors = 0;
  };

  [[nodiscard]] Counts counts() const {
    Counts all;
    for (const auto& worker : workers_) {
      all.ended += worker->ended();
      all.errors += worker->errors();
    }
    return all;
  }

  [[nodiscard]] bool nothing_in_flight() const {
    return std::all_of(workers_.begin(), workers_.end(),
                       [](const auto& worker) { return worker->in_flight() == 0; });
  }

  RunWindow& window_;
  const Workers& workers_;
  const Watcher& watcher_;
  std::stop_token stop_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::size_t done_ = 0;
  Phase phase_ = Phase::kWarmUp;
  base::SteadyTime phase_began_{Clock::now()};
  base::SteadyTime last_look_{Clock::now()};
  Counts before_phase_;
  std::uint64_t ended_at_last_look_ = 0;
  base::Duration cpu_at_start_{process_cpu()}, cpu_at_end_{};
};

}  // namespace

std::string_view name_of(Phase phase) {
  switch (phase) {
    case Phase::kWarmUp:
      return "warm-up";
    case Phase::kMeasure:
      return "measure";
    case Phase::kDrain:
      return "drain";
    case Phase::kDone:
      break;
  }
  return "done";
}

base::Result<report::Measurement> run(const Options& options, const Watcher& watcher,
                                      std::stop_token stop) {
  POOLBENCH_TRY(validate(options));
  POOLBENCH_TRY(provide_descriptors(options.connections, options.threads));
  auto addresses = resolve(options);
  POOLBENCH_TRY(addresses);
  std::optional<TlsContext> tls;
  if (options.tls) {
    auto created = TlsContext::create(options);
    POOLBENCH_TRY(created);
    tls = std::move(*created);
  }
  const std::uint64_t seed = options.seed ? *options.seed : random_seed();
  const std::uint64_t nonce_seed = options.repeats_nonces ? seed : random_seed();
  const RunInputs inputs{options, seed, RequestMix(options, seed, nonce_seed),
                         std::move(*addresses), tls ? &*tls : nullptr};
  RunWindow window(options);
  const auto workers = make_workers(inputs, window);
  POOLBENCH_TRY(workers);

  Totals totals;
  LoadGenerator load_generator(window, *workers, watcher, std::move(stop));
  const auto cpu = load_generator.conduct(options.warmup > base::Duration::zero());
  if (!cpu) return tl::unexpected(cpu.error());
  totals.cpu = *cpu;
  for (const auto& worker : *workers) {
    totals.stats.merge(worker->stats());
    totals.uses.push_back(worker->use());
  }
  totals.window = window.window();
  totals.peak_rss_bytes = peak_rss_bytes();
  totals.interrupted = window.interrupted();
  return summarise(totals, options);
}

}  // namespace poolbench::generator
