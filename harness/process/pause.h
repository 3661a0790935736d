#pragma once

#include <poll.h>

#include <span>

#include "base/clock.h"

namespace poolbench::process {

/// ppoll until a descriptor has an event or the deadline passes; false at the deadline. A deadline
/// in the past still looks once.
bool pause(std::span<pollfd> fds, base::SteadyTime deadline);

}  // namespace poolbench::process
