#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "generator/turns.h"
#include "stats/histogram.h"

namespace poolbench::generator {

/// How one request ended: well, or in exactly one class of error.
enum class Outcome : std::uint8_t {
  kOk,
  kConnectRefused,
  kConnectTimeout,
  kConnectOther,  ///< TLS failures too
  kAddressUnavailable,
  kWrite,
  kReset,
  kEofBeforeResponse,
  kTruncated,
  kParse,
  kTimeout,
  kStatus4xx,
  kStatus5xx,
  kStatusOther,
  kWrongAnswer,
  kAbortedAtDeadline,
};

inline constexpr std::array<std::string_view, 16> kOutcomeNames = {"ok",
                                                                   "connect_refused",
                                                                   "connect_timeout",
                                                                   "connect_other",
                                                                   "address_unavailable",
                                                                   "write",
                                                                   "reset",
                                                                   "eof_before_response",
                                                                   "truncated",
                                                                   "parse",
                                                                   "timeout",
                                                                   "status_4xx",
                                                                   "status_5xx",
                                                                   "status_other",
                                                                   "wrong_answer",
                                                                   "aborted_at_deadline"};

/// The name the report uses.
constexpr std::string_view name_of(Outcome outcome) {
  return kOutcomeNames[static_cast<std::size_t>(outcome)];
}

/// The measured window: [start, end), or those slices of it that are ours. A time that is not known
/// yet is kNever.
struct Window {
  static constexpr base::SteadyTime kNever = base::SteadyTime::max();
  base::SteadyTime start = kNever;
  base::SteadyTime end = kNever;
  const Turns* turns = nullptr;  ///< null: it is not shared with others

  [[nodiscard]] bool holds(base::SteadyTime time) const {
    return time >= start && time < end && (turns == nullptr || turns->is_measured(time));
  }
  /// How long was measured until then.
  [[nodiscard]] base::Duration measured_until(base::SteadyTime time) const {
    return turns == nullptr ? time - start : turns->measured_until(time);
  }
};

/// One ended request.
struct Sample {
  Outcome outcome = Outcome::kOk;
  int status = 0;                 ///< 0: no answer
  base::SteadyTime planned;       ///< when it was to begin
  base::SteadyTime sent{};        ///< when its first byte was written, if it was
  base::SteadyTime first_byte{};  ///< of the answer, if there was one
  base::SteadyTime ended{};
  std::uint64_t bytes = 0;  ///< received
  std::size_t kind = 0;     ///< which of the run's requests it was
};

/// What was measured of one kind of request.
struct KindStats {
  std::array<std::uint64_t, kOutcomeNames.size()> outcomes{};
  std::uint64_t arrived = 0;     ///< good answers within the window
  stats::Histogram response_us;  ///< of good answers
};

/// How busy a thread was while it measured.
struct ThreadUse {
  base::Duration wall{};
  base::Duration cpu{};
  base::Duration run_delay{};  ///< runnable, but waiting for a processor
};

/// What was measured. A request belongs to the window if it was planned within it; a good answer
/// belongs to the interval of the window in which it arrived, whenever it was asked for.
struct ThreadStats {
  static constexpr std::chrono::milliseconds kInterval{100};
  static constexpr std::size_t kStatuses = 1000;

  explicit ThreadStats(std::size_t kinds_of_request = 1)
      : kinds(kinds_of_request > 1 ? kinds_of_request : 0) {}

  std::array<std::uint64_t, kOutcomeNames.size()> outcomes{};
  std::array<std::uint64_t, kStatuses> statuses{};
  std::uint64_t bytes = 0;
  std::uint64_t before = 0;        ///< requests of the warm-up
  std::uint64_t carried_over = 0;  ///< not of the window, but ended within it or after it
  /// Whatever became of them, and whenever they began; in turns all from the first slice on.
  std::uint64_t ended_in_window = 0;
  std::uint64_t dropped = 0;       ///< open loop: planned, but the queue was full
  std::uint64_t connects = 0;      ///< tried within the window
  std::uint64_t retried = 0;       ///< sent once more, since a kept connection had been closed
  stats::Histogram response_us;    ///< planned → last byte, of good answers
  stats::Histogram service_us;     ///< written → last byte, of good answers
  stats::Histogram first_byte_us;  ///< written → first byte, of good answers
  stats::Histogram connect_us;     ///< connections made, TLS included
  stats::Histogram lateness_us;    ///< open loop: planned → noticed
  stats::Histogram run_delay_us;   ///< of a good answer, until we had a processor: at most so long
  /// Open loop: planned within the window, but taken up only after its end.
  std::uint64_t overdue = 0;
  base::Duration in_progress{};  ///< Σ (ended − planned) of all requests of the window
  base::SteadyTime first_planned = base::SteadyTime::max();
  base::SteadyTime last_ended = base::SteadyTime::min();
  std::vector<std::uint64_t> series;
  std::vector<KindStats> kinds;  ///< of each kind of request, where there are several; else empty
  std::string first_error;
  base::SteadyTime first_error_at = base::SteadyTime::max();

  void add(const Sample& sample, const Window& window);
  void merge(const ThreadStats& other);

  [[nodiscard]] std::uint64_t ok() const { return outcomes[0]; }
  [[nodiscard]] std::uint64_t sent() const;

  /// Rounded, and at least one.
  static std::uint64_t microseconds(base::Duration duration);
};

}  // namespace poolbench::generator
