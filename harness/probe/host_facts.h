#pragma once

#include <string>
#include <vector>

#include "report/report.h"

namespace poolbench::probe {

/// Facts of this machine under OpenTelemetry's attribute names where there is one: host.name,
/// host.arch, host.cpu.model.name, host.cpu.logical_count, host.memory_bytes, os.description,
/// os.kernel_release, cpu_governor, cgroup.cpu_max, cgroup.memory_max, virtualization. Unknown:
/// null.
report::Environment host_facts();

/// What about this machine makes measurements worse, in words with what to do; may be empty.
std::vector<std::string> host_warnings(const report::Environment& facts);

}  // namespace poolbench::probe
