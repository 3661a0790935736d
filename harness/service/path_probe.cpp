#include "service/path_probe.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "base/raii.h"
#include "base/time.h"
#include "service/postgres/plain_session.h"

namespace poolbench::service {
namespace {

using std::chrono::steady_clock;

constexpr int kConnects = 10, kRoundTrips = 20, kLeast = 3;
constexpr base::Duration kLongestProbe = std::chrono::seconds(2);  // of each of the two
constexpr double kMicroseconds = 1e6;

base::Result<void> select_one(PlainSession& session) {
  const auto one = session.number({.sql = "SELECT 1", .column = {}});
  return one ? base::Result<void>() : tl::unexpected(one.error());
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// Processor time that this thread has used.
double cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  constexpr double kNanoseconds = 1e-9;
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * kNanoseconds;
}

struct Medians {
  double wall_us = 0, cpu_us = 0;
};

/// The median times of what is done so many times.
template <typename Action>
base::Result<Medians> medians_of(int times, Action action) {
  std::vector<double> took, used;
  const auto began = steady_clock::now();
  for (int i = 0; i < times; ++i) {
    if (i >= kLeast && steady_clock::now() - began > kLongestProbe) break;
    const auto start = steady_clock::now();
    const double cpu_before = cpu_seconds();
    POOLBENCH_TRY(action());
    used.push_back((cpu_seconds() - cpu_before) * kMicroseconds);
    took.push_back(base::to_seconds(steady_clock::now() - start) * kMicroseconds);
  }
  return Medians{median(std::move(took)), median(std::move(used))};
}

}  // namespace

base::Result<void> ask_once(const Conninfo& conninfo) {
  auto session = PlainSession::connect(conninfo);
  if (!session) return tl::unexpected(session.error());
  return select_one(*session);
}

base::Result<PathTimes> measure_path(const Conninfo& conninfo) {
  const auto connect = medians_of(kConnects, [&] { return ask_once(conninfo); });
  if (!connect) return tl::unexpected(connect.error());
  auto session = PlainSession::connect(conninfo);
  if (!session) return tl::unexpected(session.error());
  const auto round_trip = medians_of(kRoundTrips, [&] { return select_one(*session); });
  if (!round_trip) return tl::unexpected(round_trip.error());
  return PathTimes{connect->wall_us, round_trip->wall_us, connect->cpu_us, round_trip->cpu_us};
}

bool accepts_connections(std::uint16_t port, const std::filesystem::path& socket) {
  sockaddr_storage address{};
  socklen_t length = 0;
  if (socket.empty()) {
    auto& tcp = reinterpret_cast<sockaddr_in&>(address);
    tcp.sin_family = AF_INET;
    tcp.sin_port = htons(port);
    tcp.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    length = sizeof tcp;
  } else {
    auto& local = reinterpret_cast<sockaddr_un&>(address);
    local.sun_family = AF_UNIX;
    const std::string path = socket.string();
    if (path.size() >= sizeof local.sun_path) return false;
    std::ranges::copy(path, local.sun_path);
    length = sizeof local;
  }
  const base::UniqueFd fd(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return fd && ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), length) == 0;
}

}  // namespace poolbench::service
