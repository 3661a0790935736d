#pragma once

#include <sys/resource.h>

#include "base/result.h"

namespace poolbench::generator {

/// Whether a generator may open so many connections: kBadInput, saying what to set, if more file
/// descriptors are needed than the hard `limit` allows.
base::Result<void> check_descriptors(int connections, int threads, const rlimit& limit);

/// The same for the limit of this process, which a child has, too.
base::Result<void> check_descriptors(int connections, int threads);

/// Raises the soft limit of this process to the hard one if that is needed. Fails as
/// check_descriptors() does; kFailed if the kernel refuses.
base::Result<void> provide_descriptors(int connections, int threads);

}  // namespace poolbench::generator
