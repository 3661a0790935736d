#include "generator/descriptors.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace poolbench::generator {
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
