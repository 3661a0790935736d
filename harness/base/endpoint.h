#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// How a client reaches an HTTP server.
struct HttpServer {
  Endpoint endpoint;          ///< over a unix socket it only fills the Host header
  std::string unix_socket{};  ///< path; empty: TCP
  bool tls = false;
  std::string ca_file{};  ///< PEM, whom to trust; empty: whom the system trusts

  [[nodiscard]] Url url(std::string target) const { return {tls, endpoint, std::move(target)}; }
  friend bool operator==(const HttpServer&, const HttpServer&) = default;
};

/// A server that listens on a unix socket, asked for "localhost".
HttpServer over_unix_socket(std::string path);

/// "127.0.0.1:8000", or the path of its socket.
std::string to_text(const HttpServer& server);

/// The value of the header Host: without the port that is usual.
std::string host_header(const HttpServer& server);

/// Whether an address can be reached by this machine alone (127.0.0.0/8, ::1); nothing if the text
/// is no address, but a name.
std::optional<bool> is_loopback(const std::string& address);

/// The addresses of a host, as text; never none. Names are looked up. kBadInput if there is no such
/// host.
Result<std::vector<std::string>> addresses_of(const std::string& host);

/// A TCP port on 127.0.0.1 that was free a moment ago (the kernel's choice).
Result<std::uint16_t> free_port();

}  // namespace poolbench::base
