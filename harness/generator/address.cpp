#include "generator/address.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/un.h>

#include <cstring>

#include "base/raii.h"

namespace poolbench::generator {
namespace {

base::Result<std::vector<Address>> unix_address(const std::string& path) {
  Address address;
  auto& target = reinterpret_cast<sockaddr_un&>(address.storage);
  if (path.size() >= sizeof target.sun_path) {
    return base::bad_input("the path of the socket is too long", path,
                           fmt::format("use at most {} bytes", sizeof target.sun_path - 1));
  }
  target.sun_family = AF_UNIX;
  std::memcpy(target.sun_path, path.c_str(), path.size() + 1);
  address.size = sizeof target;
  return std::vector{address};
}

}  // namespace

base::Result<std::vector<Address>> resolve(const Options& options) {
  if (!options.unix_socket.empty()) return unix_address(options.unix_socket);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(options.server.port);
  const int status = ::getaddrinfo(options.server.host.c_str(), port.c_str(), &hints, &found);
  if (status != 0) {
    return base::bad_input(
        fmt::format("cannot find the host {}: {}", options.server.host, ::gai_strerror(status)));
  }
  const base::ScopeExit release([&] { ::freeaddrinfo(found); });
  std::vector<Address> addresses;
  for (const bool is_ipv4 : {true, false}) {
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
      if ((each->ai_family == AF_INET) != is_ipv4) continue;
      Address& address = addresses.emplace_back();
      std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
      address.size = each->ai_addrlen;
    }
  }
  return addresses;
}

}  // namespace poolbench::generator
