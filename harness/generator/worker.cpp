#include "generator/worker.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "generator/request_source.h"
#include "stats/histogram.h"

namespace poolbench::generator {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kTick{5};
constexpr std::chrono::milliseconds kLongestPause{100};
constexpr std::size_t kBufferBytes = 65536;
constexpr std::size_t kEventsAtOnce = 256;

base::Duration thread_cpu() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// OpenSSL writes with write(), which raises SIGPIPE; it goes to the thread that wrote.
void block_sigpipe() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace

base::Result<std::unique_ptr<Worker>> Worker::create(const RunInputs& inputs, RunWindow& window,
                                                     int index) {
  base::UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return base::failed(fmt::format("no epoll descriptor: {}", std::strerror(errno)));
  base::UniqueFd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  epoll_event interest{};
  interest.events = EPOLLIN | EPOLLET;
  interest.data.ptr = nullptr;
  if (!timer || ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, timer.get(), &interest) != 0) {
    return base::failed(fmt::format("no timer descriptor: {}", std::strerror(errno)));
  }
  return std::unique_ptr<Worker>(
      new Worker(inputs, window, index, std::move(epoll), std::move(timer)));
}

Worker::Worker(const RunInputs& inputs, RunWindow& window, int index, base::UniqueFd epoll,
               base::UniqueFd timer)
    : inputs_(inputs),
      window_(window),
      index_(index),
      epoll_(std::move(epoll)),
      timer_(std::move(timer)),
      buffer_(kBufferBytes),
      context_{inputs, window, epoll_.get(), buffer_, ThreadStats(inputs.options.requests.size())} {
  const Options& options = inputs.options;
  for (int i = index; i < options.connections; i += options.threads) {
    connections_.emplace_back(context_, connections_.size(), static_cast<std::uint64_t>(i));
  }
}

void Worker::choose_source() {
  const Options& options = inputs_.options;
  if (options.rate_hz <= 0) {
    source_ = std::make_unique<ClosedLoop>(connections_, window_, options, index_, options.threads);
    return;
  }
  // The threads take turns, so that together they keep the whole rate's even pace.
  const base::Duration turn(std::llround(1e9 / options.rate_hz * index_));
  const Pacer pacer(options.rate_hz / options.threads, options.arrivals,
                    scramble(inputs_.seed + static_cast<std::uint64_t>(index_)),
                    window_.began() + turn);
  const auto threads = static_cast<std::size_t>(options.threads);
  source_ = std::make_unique<OpenLoop>(connections_, window_, context_.stats, pacer,
                                       (options.queue_limit + threads - 1) / threads);
}

void Worker::run() {
  block_sigpipe();
  schedstat_.reset(::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC));
  choose_source();
  base::SteadyTime now = Clock::now();
  tick(now);
  while (!is_done(now)) {
    arm_timer();
    handle_events(now);
    now = Clock::now();
    source_->on_batch(now);
    if (now >= next_tick_) tick(now);
  }
  abort_all(now);
  note_use(now);
}

// A timer of its own, since epoll_wait() counts in milliseconds.
void Worker::arm_timer() {
  const base::SteadyTime due = source_->wakes_at();
  if (due == armed_for_) return;
  armed_for_ = due;
  const auto ns = due.time_since_epoch().count();
  constexpr std::int64_t kBillion = 1'000'000'000;
  itimerspec time{};
  time.it_value.tv_sec = ns / kBillion;
  time.it_value.tv_nsec = ns % kBillion;
  ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &time, nullptr);
}

// While others have their turn, we stay off their processors.
std::chrono::milliseconds Worker::patience(base::SteadyTime now) const {
  if (in_flight() > 0 || use_since_) return kTick;
  const auto pause = std::chrono::ceil<std::chrono::milliseconds>(window_.next_chance(now) - now);
  return std::clamp(pause, kTick, kLongestPause);
}

void Worker::handle_events(base::SteadyTime now) {
  std::array<epoll_event, kEventsAtOnce> events{};
  const int count = ::epoll_wait(epoll_.get(), events.data(), kEventsAtOnce,
                                 static_cast<int>(patience(now).count()));
  ++wake_ups_;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    auto* connection = static_cast<Connection*>(event.data.ptr);
    if (connection == nullptr) continue;  // the pacer's timer
    const bool was_busy = connection->is_busy();
    if (connection->on_events(event.events) == Connection::Step::kFree && was_busy) {
      source_->on_free(*connection, connection->ended());
    }
  }
}

void Worker::tick(base::SteadyTime now) {
  next_tick_ = now + kTick;
  for (Connection& connection : connections_) {
    if (!connection.is_busy() || now - connection.began() <= inputs_.options.timeout) continue;
    connection.abandon(connection.is_connecting() ? Outcome::kConnectTimeout : Outcome::kTimeout,
                       now);
    source_->on_free(connection, now);
  }
  source_->on_tick(now);
  note_delay();
  note_use(now);
  if (is_watched_.exchange(false)) {
    const std::lock_guard lock(watched_mutex_);
    watched_us_ = context_.stats.response_us;
  }
}

stats::Histogram Worker::latencies_so_far() {
  is_watched_ = true;
  const std::lock_guard lock(watched_mutex_);
  return watched_us_;
}

bool Worker::is_done(base::SteadyTime now) const {
  if (window_.is_cut_off(now)) return true;
  return window_.is_over(now) && in_flight() == 0 && source_->is_empty();
}

void Worker::abort_all(base::SteadyTime now) {
  source_->give_up();
  for (Connection& connection : connections_) {
    if (connection.is_busy()) connection.abandon(Outcome::kAbortedAtDeadline, now);
  }
}

// The second number of schedstat: nanoseconds runnable, but not running. 0 where the kernel does
// not tell.
base::Duration Worker::run_delay() const {
  std::array<char, 128> text{};
  long long running = 0;
  long long waiting = 0;
  if (::pread(schedstat_.get(), text.data(), text.size() - 1, 0) <= 0 ||
      std::sscanf(text.data(), "%lld %lld", &running, &waiting) != 2) {
    return {};
  }
  return std::chrono::nanoseconds(waiting);
}

// The kernel tells a sum. Each answer came with one wake-up; how many of those had to wait is not
// known, so all of the delay is taken for that of one of them, and of its share of the answers.
void Worker::note_delay() {
  const base::Duration delay = run_delay();
  const std::uint64_t answers = context_.stats.ok() - answers_noted_;
  if (use_since_ && schedstat_ && answers > 0) {
    const std::uint64_t held_up = (answers + wake_ups_ - 1) / std::max<std::uint64_t>(1, wake_ups_);
    context_.stats.run_delay_us.record(ThreadStats::microseconds(delay - delay_noted_), held_up);
    context_.stats.run_delay_us.record(1, answers - held_up);
  }
  delay_noted_ = delay;
  answers_noted_ += answers;
  wake_ups_ = 0;
}

// What happens while others have their turn is not part of what is measured.
void Worker::note_use(base::SteadyTime now) {
  const bool counts = window_.measures(now);
  if (counts == use_since_.has_value()) return;
  const ThreadUse use{now.time_since_epoch(), thread_cpu(), run_delay()};
  if (counts) {
    use_since_ = use;
    return;
  }
  use_.wall += use.wall - use_since_->wall;
  use_.cpu += use.cpu - use_since_->cpu;
  use_.run_delay += use.run_delay - use_since_->run_delay;
  use_since_.reset();
}

}  // namespace poolbench::generator
