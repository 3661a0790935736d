#include "generator/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "base/placeholder.h"
#include "base/time.h"
#include "scenario/load_settings.h"
#include "scenario/target/target_requests.h"

namespace poolbench::generator {
namespace {

using scenario::Range;

constexpr int kMostStatus = 599;
// 16 bytes each are kept of what waits.
constexpr Range<std::size_t> kQueueRange{0, 10'000'000};

std::string shown(base::Duration duration) { return base::format_duration(duration); }
template <typename Number>
Number shown(Number number) {
  return number;
}

template <typename Number>
base::Result<void> check(const Range<Number>& range, Number value, std::string_view what) {
  if (range.holds(value)) return {};
  return base::bad_input(fmt::format("{} must be from {} to {}, found {}", what, shown(range.least),
                                     shown(range.most), shown(value)));
}

base::Result<void> check_ranges(const Options& options) {
  const auto count = [](std::uint64_t number) {
    return static_cast<std::int64_t>(std::min<std::uint64_t>(number, INT64_MAX));
  };
  POOLBENCH_TRY(check<std::int64_t>(scenario::kConnectionsRange, options.connections,
                                    "the number of connections"));
  POOLBENCH_TRY(
      check<std::int64_t>(scenario::kThreadsRange, options.threads, "the number of threads"));
  POOLBENCH_TRY(check(scenario::kTimeoutRange, options.timeout, "the time-out of a request"));
  POOLBENCH_TRY(check(scenario::kWarmupRange, options.warmup, "the warm-up"));
  POOLBENCH_TRY(check(scenario::kWarmupRange, options.connect_ramp, "the ramp"));
  POOLBENCH_TRY(check(kQueueRange, options.queue_limit, "the queue"));
  if (options.request_count > 0) {
    POOLBENCH_TRY(
        check(scenario::kRequestsRange, count(options.request_count), "the number of requests"));
  }
  if (options.request_count == 0 || options.measure != base::Duration{}) {
    POOLBENCH_TRY(check(scenario::kMeasureRange, options.measure, "the measured time"));
  }
  if (options.requests_per_connection > 0) {
    POOLBENCH_TRY(check(scenario::kRequestsRange, count(options.requests_per_connection),
                        "the number of requests a connection"));
  }
  if (options.rate_hz == 0) return {};
  return check(scenario::kRateRange, options.rate_hz, "the rate in requests a second");
}

bool is_target(const std::string& text) {
  return text.starts_with('/') && std::none_of(text.begin(), text.end(), [](unsigned char c) {
           return c <= ' ' || c == 0x7f;
         });
}

bool is_turn(const Turn& turn) {
  return turn.slice > base::Duration{} && turn.index >= 0 && turn.index < turn.count;
}

bool has_lines(const Options& options, const std::string& file) {
  return std::ranges::any_of(options.line_files, [&](const LineFile& each) {
    return each.name == file && !each.lines.empty();
  });
}

base::Result<void> validate_placeholders(const RequestSpec& request, const Options& options) {
  base::OtherWords others;
  for (const ClientValue& value : options.client_values) {
    if (!value.values.empty()) others.push_back(value.word);
  }
  for (const std::string* text : texts_of(request)) {
    if (auto wrong = base::refuse(*text, base::TextPlace::kRequest, others)) {
      return tl::unexpected(std::move(*wrong));
    }
    for (const base::Placeholder& each : base::Template(*text).placeholders) {
      if (each.word != base::kPickWord || has_lines(options, each.argument)) continue;
      return base::bad_input(
          fmt::format("{{{}:{}}} has no lines to choose from", each.word, each.argument));
    }
  }
  return {};
}

base::Result<void> validate_expectation(const Expectation& expect) {
  for (const int status : expect.statuses) {
    if (status >= 200 && status <= kMostStatus) continue;
    return base::bad_input(
        fmt::format("an answer cannot be expected to have the status {}", status), {},
        "use 200 to 599");
  }
  for (const auto& [name, value] : expect.headers) {
    if (scenario::is_http_token(name) && !scenario::has_line_break(value)) continue;
    return base::bad_input(fmt::format("\"{}: {}\" is not a header to expect", name, value), {},
                           "write it as \"Name: value\"");
  }
  return {};
}

base::Result<void> validate_request(const RequestSpec& request, const Options& options) {
  POOLBENCH_TRY(validate_placeholders(request, options));
  if (!scenario::is_http_token(request.method)) {
    return base::bad_input(fmt::format("\"{}\" is not an HTTP method", request.method), {},
                           "write it as GET or POST");
  }
  if (request.method == "CONNECT") return base::bad_input("the method CONNECT is not supported");
  if (!is_target(request.target)) {
    return base::bad_input(fmt::format("\"{}\" is not a path to ask for", request.target), {},
                           "begin it with / and encode spaces as %20");
  }
  for (const auto& [name, value] : request.headers) {
    if (!scenario::is_http_token(name) || scenario::has_line_break(value)) {
      return base::bad_input(fmt::format("\"{}: {}\" is not a header", name, value), {},
                             "write it as \"Name: value\"");
    }
  }
  POOLBENCH_TRY(validate_expectation(request.expect));
  if (!std::isfinite(request.weight) || request.weight <= 0) {
    return base::bad_input("the weight of a request must be above 0");
  }
  return {};
}

}  // namespace

std::vector<std::string*> texts_of(RequestSpec& request) {
  std::vector<std::string*> texts{&request.target};
  if (!request.body_is_plain) texts.push_back(&request.body);
  for (auto& [name, value] : request.headers) texts.push_back(&value);
  for (auto& [name, value] : request.expect.headers) texts.push_back(&value);
  if (request.expect.contains) texts.push_back(&*request.expect.contains);
  return texts;
}

std::vector<const std::string*> texts_of(const RequestSpec& request) {
  const auto texts = texts_of(const_cast<RequestSpec&>(request));
  return {texts.begin(), texts.end()};
}

std::vector<std::string> picked_files(const RequestSpec& request) {
  std::vector<std::string> files;
  for (const std::string* text : texts_of(request)) {
    for (const base::Placeholder& each : base::Template(*text).placeholders) {
      if (each.word == base::kPickWord) files.push_back(each.argument);
    }
  }
  return files;
}

base::Result<void> validate(const Options& options) {
  if (options.requests.empty()) return base::bad_input("there is no request to send");
  for (const RequestSpec& request : options.requests) {
    POOLBENCH_TRY(validate_request(request, options));
  }
  POOLBENCH_TRY(check_ranges(options));
  if (options.threads > options.connections) {
    return base::bad_input(
        fmt::format("{} threads cannot share {} connections", options.threads, options.connections),
        {}, "use at least one connection a thread");
  }
  if (options.turn && !is_turn(*options.turn)) {
    return base::bad_input(
        "a turn needs a slice, and an index below the count of those that take turns");
  }
  if (options.turn && (options.rate_hz > 0 || options.request_count > 0)) {
    return base::bad_input("turns are for a closed loop over a time");
  }
  if (options.rate_hz > 0 && options.connect_ramp > base::Duration::zero()) {
    return base::bad_input(
        "connections open as requests need them in an open loop: there is no ramp");
  }
  return {};
}

namespace {

constexpr rlim_t kOfEachThread = 2;       // epoll, timer
constexpr rlim_t kOtherDescriptors = 32;  // standard streams, signals, files of libraries

rlim_t needed(int connections, int threads) {
  return static_cast<rlim_t>(connections) + kOfEachThread * static_cast<rlim_t>(threads) +
         kOtherDescriptors;
}

rlimit own_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit;
}

}  // namespace

base::Result<void> check_descriptors(int connections, int threads, const rlimit& limit) {
  const rlim_t least = needed(connections, threads);
  if (least <= limit.rlim_max) return {};
  return base::bad_input(
      fmt::format("{} connections need {} file descriptors, but at most {} are allowed",
                  connections, least, limit.rlim_max),
      {},
      fmt::format(
          "raise the hard limit to {0} (ulimit -Hn {0} as root, LimitNOFILE={0} in a systemd "
          "unit, --ulimit nofile={0} for a container), or use fewer connections",
          least));
}

base::Result<void> check_descriptors(int connections, int threads) {
  return check_descriptors(connections, threads, own_limit());
}

base::Result<void> provide_descriptors(int connections, int threads) {
  rlimit limit = own_limit();
  POOLBENCH_TRY(check_descriptors(connections, threads, limit));
  if (limit.rlim_cur >= needed(connections, threads)) return {};
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) return {};
  return base::failed(fmt::format("the limit of open files cannot be raised to {}: {}",
                                  limit.rlim_max, std::strerror(errno)),
                      {}, fmt::format("set it before: ulimit -n {}", needed(connections, threads)));
}

}  // namespace poolbench::generator
