#include "load/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/placeholder.h"

namespace poolbench::load {
namespace {

constexpr int kMostConnections = 100'000;
constexpr int kMostThreads = 256;
constexpr int kMostStatus = 599;

bool is_token(const std::string& text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return std::isalnum(c) != 0 || kOthers.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool has_line_break(const std::string& text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos;
}

bool is_target(const std::string& text) {
  return text.starts_with('/') && std::none_of(text.begin(), text.end(), [](unsigned char c) {
           return c <= ' ' || c == 0x7f;
         });
}

base::Result<void> validate_placeholders(const RequestSpec& request) {
  std::vector<std::string_view> texts{request.target, request.body};
  for (const auto& [name, value] : request.headers) texts.push_back(value);
  if (request.expect.contains) texts.push_back(*request.expect.contains);
  for (const std::string_view text : texts) {
    if (auto wrong = base::refuse(text, base::TextPlace::kRequest)) {
      return tl::unexpected(std::move(*wrong));
    }
  }
  return {};
}

base::Result<void> validate_request(const RequestSpec& request) {
  POOLBENCH_TRY(validate_placeholders(request));
  if (!is_token(request.method)) {
    return base::bad_input(fmt::format("\"{}\" is not an HTTP method", request.method), {},
                           "write it as GET or POST");
  }
  if (request.method == "CONNECT") return base::bad_input("the method CONNECT is not supported");
  if (!is_target(request.target)) {
    return base::bad_input(fmt::format("\"{}\" is not a path to ask for", request.target), {},
                           "begin it with / and encode spaces as %20");
  }
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || has_line_break(value)) {
      return base::bad_input(fmt::format("\"{}: {}\" is not a header", name, value), {},
                             "write it as \"Name: value\"");
    }
  }
  if (request.expect.status &&
      (*request.expect.status < 200 || *request.expect.status > kMostStatus)) {
    return base::bad_input(
        fmt::format("an answer cannot be expected to have the status {}", *request.expect.status),
        {}, "use 200 to 599");
  }
  if (!std::isfinite(request.weight) || request.weight <= 0) {
    return base::bad_input("the weight of a request must be above 0");
  }
  return {};
}

}  // namespace

base::Result<void> validate(const Options& options) {
  if (options.requests.empty()) return base::bad_input("there is no request to send");
  for (const RequestSpec& request : options.requests) POOLBENCH_TRY(validate_request(request));
  if (options.connections < 1 || options.connections > kMostConnections) {
    return base::bad_input(fmt::format("{} connections are not possible", options.connections), {},
                           fmt::format("use 1 to {}", kMostConnections));
  }
  if (options.threads < 1 || options.threads > std::min(kMostThreads, options.connections)) {
    return base::bad_input(
        fmt::format("{} threads cannot share {} connections", options.threads, options.connections),
        {}, "use at least one connection a thread");
  }
  if (options.timeout <= base::Duration::zero()) {
    return base::bad_input("the time-out of a request must be longer than 0");
  }
  if (options.request_count == 0 && options.measure <= base::Duration::zero()) {
    return base::bad_input("the measured time must be longer than 0");
  }
  if (options.turn && (options.rate_hz > 0 || options.request_count > 0)) {
    return base::bad_input("turns are for a closed loop over a time");
  }
  if (!std::isfinite(options.rate_hz) || options.rate_hz < 0) {
    return base::bad_input("the rate must be above 0 requests a second");
  }
  if (options.rate_hz > 0 && options.connect_ramp > base::Duration::zero()) {
    return base::bad_input(
        "connections open as requests need them in an open loop: there is no ramp");
  }
  return {};
}

}  // namespace poolbench::load
