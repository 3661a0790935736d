#pragma once

#include "compare/verify.h"

namespace poolbench::compare {

/// What verify() says of one trial at the place `where`.
void verify_trial(const report::Trial& trial, const std::string& where,
                  std::vector<Finding>& findings);

/// Equal but for rounding in the last digits: values from another compiler's mathematics.
bool nearly_equal(double a, double b);

}  // namespace poolbench::compare
