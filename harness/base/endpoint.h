#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace poolbench::base {

/// A place to connect to over TCP.
struct Endpoint {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// "host:port", with an IPv6 host in brackets.
std::string to_text(const Endpoint& endpoint);

/// An http or https URL, split. `target` is path and query, at least "/".
struct Url {
  bool tls = false;
  Endpoint endpoint;
  std::string target = "/";
};

/// Reads "http://host[:port][/path][?query]"; https too. User names and fragments are refused.
Result<Url> parse_url(std::string_view text);

std::string to_text(const Url& url);

/// A TCP port on 127.0.0.1 that was free a moment ago (the kernel's choice).
Result<std::uint16_t> free_port();

}  // namespace poolbench::base
