#include "base/endpoint.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <tl/expected.hpp>

#include "base/raii.h"

namespace poolbench::base {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

bool has_control_or_space(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f') return true;
  }
  return false;
}

/// Schemes are the same in upper and lower case (RFC 3986, 3.1).
bool has_scheme(std::string_view url, std::string_view scheme) {
  return std::ranges::equal(url.substr(0, scheme.size()), scheme, {},
                            [](unsigned char c) { return std::tolower(c); });
}

/// The part of a URL before its path.
struct Authority {
  std::string_view host;
  std::string_view port;  ///< empty: none
};

/// An IPv6 address stands in brackets. The error says what is wrong.
tl::expected<Authority, std::string_view> split_authority(std::string_view text) {
  using Why = tl::unexpected<std::string_view>;
  if (text.find('@') != std::string_view::npos) return Why("user names are not supported");
  std::string_view host, rest;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return Why("a [ is not closed");
    host = text.substr(1, close - 1);
    rest = text.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') return Why("after ] a :port must follow");
  } else {
    host = text.substr(0, text.find(':'));
    rest = text.substr(host.size());
  }
  return Authority{host, rest.empty() ? rest : rest.substr(1)};
}

/// None unless it is a number from 1 to 65535.
std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

std::string to_text(const Endpoint& endpoint) {
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", endpoint.host, endpoint.port)
            : fmt::format("{}:{}", endpoint.host, endpoint.port);
}

std::string to_text(const Url& url) {
  return fmt::format("{}://{}{}", url.tls ? "https" : "http", to_text(url.endpoint), url.target);
}

Result<Url> parse_url(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return bad_input(fmt::format("\"{}\" is not a URL poolbench can use: {}", text, why), {},
                     "write it as http://127.0.0.1:8000/path");
  };
  Url url;
  std::string_view rest = text;
  if (has_scheme(rest, "http://")) {
    rest.remove_prefix(7);
  } else if (has_scheme(rest, "https://")) {
    rest.remove_prefix(8);
    url.tls = true;
  } else {
    return refuse("it starts with neither http:// nor https://");
  }
  if (has_control_or_space(rest)) return refuse("it holds a space or a control character");
  if (rest.find('#') != std::string_view::npos) return refuse("a fragment (#) is never sent");

  const std::size_t path = rest.find_first_of("/?");
  if (path != std::string_view::npos) {
    url.target = std::string(rest.substr(path));
    if (url.target.front() == '?') url.target.insert(0, "/");
  }
  const auto authority = split_authority(rest.substr(0, path));
  if (!authority) return refuse(authority.error());
  if (authority->host.empty()) return refuse("the host is missing");
  url.endpoint.host = std::string(authority->host);
  url.endpoint.port = url.tls ? kHttpsPort : kHttpPort;
  if (authority->port.empty()) return url;
  const auto port = parse_port(authority->port);
  if (!port) return refuse("the port is not a number from 1 to 65535");
  url.endpoint.port = *port;
  return url;
}

HttpServer over_unix_socket(std::string path) {
  return {.endpoint = {"localhost", kHttpPort}, .unix_socket = std::move(path)};
}

std::string to_text(const HttpServer& server) {
  return server.unix_socket.empty() ? to_text(server.endpoint) : server.unix_socket;
}

std::string host_header(const HttpServer& server) {
  const std::string text = to_text(server.endpoint);
  const bool is_usual = server.endpoint.port == (server.tls ? kHttpsPort : kHttpPort);
  return is_usual ? text.substr(0, text.rfind(':')) : text;
}

std::optional<bool> is_loopback(const std::string& address) {
  in_addr v4{};
  if (::inet_pton(AF_INET, address.c_str(), &v4) == 1) {
    return ntohl(v4.s_addr) >> 24U == IN_LOOPBACKNET;
  }
  in6_addr v6{};
  if (::inet_pton(AF_INET6, address.c_str(), &v6) != 1) return std::nullopt;
  if (!IN6_IS_ADDR_V4MAPPED(&v6)) return IN6_IS_ADDR_LOOPBACK(&v6);
  return v6.s6_addr[12] == IN_LOOPBACKNET;
}

Result<std::vector<std::string>> addresses_of(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int status = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); status != 0) {
    return bad_input(fmt::format("cannot find the host {}: {}", host, ::gai_strerror(status)));
  }
  const ScopeExit release([&] { ::freeaddrinfo(found); });
  std::vector<std::string> addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    char text[NI_MAXHOST];
    if (::getnameinfo(each->ai_addr, each->ai_addrlen, text, sizeof text, nullptr, 0,
                      NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text);
    }
  }
  if (addresses.empty()) return bad_input(fmt::format("the host {} has no address", host));
  return addresses;
}

Result<std::uint16_t> free_port() {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (!fd || ::bind(fd.get(), generic, size) != 0 || ::getsockname(fd.get(), generic, &size) != 0) {
    return failed(fmt::format("no free TCP port on 127.0.0.1: {}", std::strerror(errno)));
  }
  return ntohs(address.sin_port);
}

}  // namespace poolbench::base
