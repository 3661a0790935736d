#pragma once

#include <string>
#include <utility>
#include <vector>

#include "init/application.h"

namespace poolbench::init {

using AnswerHeaders = std::vector<std::pair<std::string, std::string>>;

/// What the answer to `GET /` tells of a server that runs already at `url`: what it is, as far as
/// its headers say.
Application look_at_answer(const std::string& url, int status, const AnswerHeaders& headers);

}  // namespace poolbench::init
