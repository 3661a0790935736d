#include "service/running_server.h"

#include <fmt/format.h>

#include "base/endpoint.h"
#include "scenario/target/target_file.h"

namespace poolbench::service {

base::Result<void> check_is_local(const std::string& host, const std::string& next) {
  const auto addresses = base::addresses_of(host);
  POOLBENCH_TRY(addresses);
  for (const std::string& address : *addresses) {
    // An address with a zone ("fe80::1%eth0") is none of the loopback device.
    if (base::is_loopback(address).value_or(false)) continue;
    return base::bad_input(
        address == host
            ? fmt::format("{} is not an address of this machine alone", host)
            : fmt::format("{} is {}, which is not an address of this machine alone", host, address),
        {}, next);
  }
  return {};
}

base::Result<void> check_reach(const scenario::TargetSettings& target) {
  if (!target.runs_already() || target.allow_remote) return {};
  const base::HttpServer& server = *target.spec->serve.running;
  auto checked = check_is_local(server.endpoint.host, scenario::kAllowRemote);
  if (!checked) checked.error().where = (target.spec->folder / scenario::kTargetFile).string();
  return checked;
}

base::Result<void> check_reach(const scenario::Scenario& scenario) {
  for (const scenario::Cell& cell : scenario.cells) POOLBENCH_TRY(check_reach(cell.target));
  return {};
}

}  // namespace poolbench::service
