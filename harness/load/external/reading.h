#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "load/job.h"
#include "report/measurement.h"
#include "stats/histogram.h"

namespace poolbench::load {

/// kFailed, for output that a tool should not have printed.
tl::unexpected<base::Error> unreadable(std::string_view tool, std::string_view what);

/// The JSON a tool printed: the whole text, or its part from the first line that begins with '{'.
base::Result<base::Json> json_in(std::string_view tool, std::string_view text);

/// A number by JSON pointer; none if it is absent or no number.
std::optional<double> number_at(const base::Json& json, const std::string& pointer);
/// The same as a count; 0 if absent.
std::uint64_t count_at(const base::Json& json, const std::string& pointer);

/// The first number that follows `label` in a text.
std::optional<double> number_after(std::string_view text, std::string_view label);

/// Where a tool's JSON has its latencies, as JSON pointers; null for what it does not tell.
struct LatencyPointers {
  const char *mean = nullptr, *p50 = nullptr, *p75 = nullptr, *p90 = nullptr, *p95 = nullptr,
             *p99 = nullptr, *p999 = nullptr, *p9999 = nullptr, *max = nullptr;
};
/// Takes those that are there. `us_per_unit`: microseconds in one of the tool's units.
void read_latency(const base::Json& json, const LatencyPointers& pointers, double us_per_unit,
                  report::Quantiles& latency);

/// Adds answers with a status: good ones to `ok`, others to their class of error.
void add_answers(report::Measurement& m, const Job& job, int status, std::uint64_t count);

/// Whether one of the job's requests expects the status. A tool counts the statuses of all of them
/// together.
bool is_good(const Job& job, int status);
void add_errors(report::Measurement& m, std::string_view error_class, std::uint64_t count);

/// The class of error that a tool's own words mean; "unclassified" if they are none we know.
std::string_view error_class_of(std::string_view words);

/// The last step of reading: sent = ok + errors, the rate, and quantiles only where there are
/// enough requests for them.
void complete(report::Measurement& m, double measured_seconds);
/// Latencies from samples that hold every good answer.
void set_latency(report::Measurement& m, const stats::Histogram& microseconds);

/// Fails if the bodies of all good answers together are not as long as they must be. Those of so
/// many `unfinished` requests may be among the bytes, too, and any of the failed ones.
base::Result<void> check_body_bytes(std::string_view tool, const Job& job,
                                    const report::Measurement& m, std::uint64_t body_bytes,
                                    std::uint64_t unfinished = 0);

/// Fails if the last answer came long before the end of the time, for a tool that does not tell of
/// requests without one. `active`: from the first request to the last answer; `longest`: what an
/// answer took at most.
base::Result<void> check_kept_loading(std::string_view tool, const Job& job, base::Duration active,
                                      base::Duration longest);

/// A time as whole seconds, rounded up, at least 1: for tools that take no other.
std::int64_t whole_seconds(base::Duration time);
/// A time as "1500ms".
std::string milliseconds_text(base::Duration time);

}  // namespace poolbench::load
