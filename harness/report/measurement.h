#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace poolbench::stats {
class Histogram;
}

namespace poolbench::report {

/// The answers that have to lie beyond a quantile: below them chance rules it.
inline constexpr std::uint64_t kAnswersBeyond = 10;
/// The same in reports before schema 1.2, which have no p95 either.
inline constexpr std::uint64_t kAnswersBeyondBefore12 = 100;

/// Quantiles of one histogram, in microseconds. A quantile q is present only when
/// count · (1 − q) ≥ answers_beyond; p50 whenever there is a value at all.
struct Quantiles {
  std::uint64_t count = 0;
  std::optional<double> mean, p50, p75, p90, p95, p99, p999, p9999, max;
  std::uint64_t answers_beyond = kAnswersBeyond;  ///< the rule they follow
};

/// One of them, as everything that goes through them all reads it.
struct NamedQuantile {
  const char* name;   ///< in JSON: "p999"
  const char* label;  ///< for people: "p99.9"
  double q;
  std::uint64_t one_in;  ///< one value of so many lies beyond it: 1 ÷ (1 − q)
  std::optional<double> Quantiles::* member;

  /// The least count that gives it. The median is no tail: it lies in the middle of what was seen,
  /// however little that is.
  [[nodiscard]] std::uint64_t needs(std::uint64_t answers_beyond = kAnswersBeyond) const {
    return q <= 0.5 ? 1 : answers_beyond * one_in;
  }
};

/// All of them, the lowest first.
std::span<const NamedQuantile> named_quantiles();

/// Takes away the quantiles for which `count` is too small.
void drop_unsupported(Quantiles& quantiles);

/// The quantiles of a histogram of microseconds, without those it has too few values for.
Quantiles quantiles_of(const stats::Histogram& histogram,
                       std::uint64_t answers_beyond = kAnswersBeyond);

/// Requests of the measured window. sent = ok + Σ errors, exactly. Error classes: connect_refused,
/// connect_timeout, connect_other, address_unavailable, write, reset, eof_before_response,
/// truncated, parse, timeout, status_4xx, status_5xx (and status_other), wrong_answer,
/// aborted_at_deadline.
struct Requests {
  std::uint64_t sent = 0;
  std::uint64_t ok = 0;
  std::map<std::string, std::uint64_t> errors;
  /// Sent before the window (or between its slices), ended within it: no part of `sent`, but part
  /// of the work.
  std::uint64_t carried_over = 0;
  /// Those of `sent` that a kept connection lost, since the server had closed it, and that were
  /// sent once more on a fresh one (RFC 9112, 9.3.1). Unset: the generator does not tell.
  std::optional<std::uint64_t> retried_on_fresh_connection;
  /// Those that ended within the window, whatever became of them and whenever they began; in turns
  /// all that ended since the first slice began. Unset: the generator does not tell, or the report
  /// was written before this was counted.
  std::optional<std::uint64_t> ended_in_window = std::nullopt;
  /// What sessions and processor time are divided by. They are counted while the window lasts, at
  /// whose ends as many requests are half done; where ended_in_window is unset, until the last
  /// request has ended.
  [[nodiscard]] std::uint64_t worked_on() const {
    return ended_in_window.value_or(sent + carried_over);
  }
  /// Sum over all classes.
  [[nodiscard]] std::uint64_t failed() const;
};

/// What a generator measured in one trial: `poolbench load --json` prints it, a trial of the report
/// holds the same names.
struct Measurement {
  std::string generator;  ///< "native", "oha", …
  std::string generator_version;
  std::string loop = "closed";  ///< or "open"
  /// The measured window. By duration: its planned length (less if interrupted). By number of
  /// requests: from the first one sent to the last one answered.
  double measured_seconds = 0;
  Requests requests;  ///< those that began within the window, whenever their answer came
  /// Good answers that arrived within the window ÷ measured_seconds. At saturation that is what the
  /// server served; ok ÷ seconds would miss or add what is in flight at the window's ends.
  double throughput_requests_per_second = 0;
  Quantiles latency_us;  ///< response time of good answers
  /// Why a quantile ("p99") of the latency, or of the time to the first byte, was taken away
  /// although there are answers enough for it.
  std::map<std::string, std::string> withheld, withheld_first_byte;
  std::string latency_hdr_v2_base64;  ///< HdrHistogram V2 compressed, of latency in µs
  Quantiles connect_us;
  Quantiles time_to_first_byte_us;
  int series_interval_ms = 100;
  /// Good answers per interval of the window, by arrival; its sum ÷ measured_seconds is the
  /// throughput. The last interval may be cut short by the window's end.
  std::vector<std::uint64_t> series_requests;
  std::map<std::string, std::uint64_t> statuses;  ///< answers per HTTP status
  std::uint64_t bytes_received = 0;
  std::optional<double> generator_cpu_seconds;  ///< user + system within the window
  std::optional<std::uint64_t> generator_peak_rss_bytes;
  /// What waiting for a processor could explain of the mean latency, from 0 to 1.
  std::optional<double> generator_delay_ratio;
  bool generator_limited = false;
  std::vector<std::string> generator_limited_reasons;
  std::vector<std::string> warnings;
  std::string first_error;  ///< the first bad answer or failure in words; empty if none
  base::Json details;       ///< anything more the generator knows; null if nothing
};

/// Why what is null in it is: {name, reason}.
using Reasons = std::vector<std::pair<std::string, std::string>>;
Reasons missing_of(const Measurement& measurement);

/// Names as in docs/report-reference.md. A missing quantity is null, and `missing` says why.
base::Json to_json(const Measurement& measurement);

/// The reverse. kBadInput names the JSON path that is absent or of the wrong type.
base::Result<Measurement> measurement_from_json(const base::Json& json);

/// How long the generator itself kept requests waiting, in microseconds, as quantiles over them.
struct OwnDelays {
  Quantiles lateness;   ///< open loop: planned → noticed
  Quantiles run_delay;  ///< of an answer, until the generator had a processor
};

/// A part of `details`: "own_delays_us". Both are empty for a generator that does not tell, as in
/// reports before 1.2.
base::Json to_json(const OwnDelays& delays);
OwnDelays own_delays_of(const Measurement& measurement);

/// Takes away the quantiles of which a delay at the same quantile could explain more than a tenth.
/// Returns why, by name ("p99").
std::map<std::string, std::string> withhold_explained(Quantiles& times, const OwnDelays& delays);

}  // namespace poolbench::report
