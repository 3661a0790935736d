#include "load/external/reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include "base/time.h"
#include "stats/histogram.h"

namespace poolbench::load {

using base::Json;

tl::unexpected<base::Error> unreadable(std::string_view tool, std::string_view what) {
  return base::failed(fmt::format("the output of {} cannot be read: {}", tool, what), {},
                      "see generator.out in the trial's folder; poolbench list generators tells "
                      "which versions are installed");
}

base::Result<Json> json_in(std::string_view tool, std::string_view text) {
  const std::size_t line = text.find("\n{");
  const std::size_t start = text.starts_with('{') ? 0 : line;
  auto json = start == std::string_view::npos ? Json(Json::value_t::discarded)
                                              : base::parse_json(text.substr(start));
  if (!json.is_object()) return unreadable(tool, "it is no JSON");
  return json;
}

std::optional<double> number_at(const Json& json, const std::string& pointer) {
  const Json::json_pointer path(pointer);
  if (!json.contains(path) || !json[path].is_number()) return std::nullopt;
  return json[path].get<double>();
}

std::uint64_t count_at(const Json& json, const std::string& pointer) {
  return static_cast<std::uint64_t>(std::max(0.0, number_at(json, pointer).value_or(0)));
}

std::optional<double> number_after(std::string_view text, std::string_view label) {
  const std::size_t found = text.find(label);
  if (found == std::string_view::npos) return std::nullopt;
  const std::size_t start = text.find_first_not_of(" \t", found + label.size());
  if (start == std::string_view::npos) return std::nullopt;
  double value = 0;
  const auto [end, problem] =
      std::from_chars(text.data() + start, text.data() + text.size(), value);
  return problem == std::errc() ? std::optional(value) : std::nullopt;
}

void read_latency(const Json& json, const LatencyPointers& pointers, double us_per_unit,
                  report::Quantiles& latency) {
  using Q = report::Quantiles;
  const std::pair<const char*, std::optional<double> Q::*> all[] = {
      {pointers.mean, &Q::mean}, {pointers.p50, &Q::p50},     {pointers.p75, &Q::p75},
      {pointers.p90, &Q::p90},   {pointers.p95, &Q::p95},     {pointers.p99, &Q::p99},
      {pointers.p999, &Q::p999}, {pointers.p9999, &Q::p9999}, {pointers.max, &Q::max}};
  for (const auto& [pointer, member] : all) {
    if (pointer == nullptr) continue;
    if (const auto value = number_at(json, pointer)) latency.*member = *value * us_per_unit;
  }
}

void add_errors(report::Measurement& m, std::string_view error_class, std::uint64_t count) {
  if (count > 0) m.requests.errors[std::string(error_class)] += count;
}

bool is_good(const Job& job, int status) {
  return std::ranges::any_of(job.requests, [status](const generator::RequestSpec& request) {
    return std::ranges::find(request.expect.statuses, status) != request.expect.statuses.end();
  });
}

void add_answers(report::Measurement& m, const Job& job, int status, std::uint64_t count) {
  if (count == 0) return;
  m.statuses[std::to_string(status)] += count;
  if (is_good(job, status)) {
    m.requests.ok += count;
  } else {
    add_errors(m,
               status / 100 == 4   ? "status_4xx"
               : status / 100 == 5 ? "status_5xx"
                                   : "status_other",
               count);
    if (m.first_error.empty()) m.first_error = fmt::format("status {}", status);
  }
}

std::string_view error_class_of(std::string_view words) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kKnown{
      {{"refused", "connect_refused"},
       {"annot assign requested address", "address_unavailable"},
       {"imed out", "timeout"},
       {"imeout", "timeout"},
       {"deadline exceeded", "timeout"},
       {"reset by peer", "reset"},
       {"closed before message completed", "eof_before_response"},
       {"EOF", "eof_before_response"}}};
  for (const auto& [part, error_class] : kKnown) {
    if (words.find(part) != std::string_view::npos) return error_class;
  }
  return "unclassified";
}

void complete(report::Measurement& m, double measured_seconds) {
  m.requests.sent = m.requests.ok + m.requests.failed();
  m.measured_seconds = measured_seconds;
  if (measured_seconds > 0) {
    m.throughput_requests_per_second = static_cast<double>(m.requests.ok) / measured_seconds;
  }
  m.latency_us.count = m.requests.ok;
  report::drop_unsupported(m.latency_us);
}

void set_latency(report::Measurement& m, const stats::Histogram& microseconds) {
  m.latency_us = report::quantiles_of(microseconds);
  m.latency_hdr_v2_base64 = microseconds.encode();
}

base::Result<void> check_body_bytes(std::string_view tool, const Job& job,
                                    const report::Measurement& m, std::uint64_t body_bytes,
                                    std::uint64_t unfinished) {
  const generator::Expectation& expect = job.requests.front().expect;
  const auto length =
      expect.body ? std::optional<std::uint64_t>(expect.body->size()) : expect.length;
  if (!length || job.requests.size() > 1) return {};
  const bool too_long = body_bytes > (m.requests.ok + unfinished) * *length;
  if (body_bytes >= m.requests.ok * *length && (!too_long || m.requests.failed() > 0)) return {};
  return base::failed(
      fmt::format("{} counted {} good answers with {} bytes of bodies, but each should have {}: "
                  "some were wrong or cut short",
                  tool, m.requests.ok, body_bytes, *length),
      {}, "the native generator tells which");
}

base::Result<void> check_kept_loading(std::string_view tool, const Job& job, base::Duration active,
                                      base::Duration longest) {
  constexpr int kMostOfMeasure = 10;
  constexpr int kMostAnswers = 4;
  const base::Duration idle = job.settings.measure - active;
  if (idle <= std::max(job.settings.measure / kMostOfMeasure, kMostAnswers * longest)) return {};
  return base::failed(
      fmt::format("{} had its last answer after {} of {}: the target stopped answering, closed all "
                  "connections, or cut answers short",
                  tool, base::approximate_duration(active),
                  base::format_duration(job.settings.measure)),
      {}, "the native generator tells which");
}

std::int64_t whole_seconds(base::Duration time) {
  return std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(time).count());
}

std::string milliseconds_text(base::Duration time) {
  return fmt::format("{}ms", std::chrono::ceil<std::chrono::milliseconds>(time).count());
}

}  // namespace poolbench::load
