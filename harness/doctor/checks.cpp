#include "doctor/checks.h"

namespace poolbench::doctor {

const std::vector<Check>& checks() {
  static const std::vector<Check> all{
      {"cpu_governor", "CPU governor", check_governor},
      {"cpu_boost", "CPU boost", check_boost},
      {"steal", "steal", check_steal},
      {"other_load", "load of others", check_other_load},
      {"cpu_quota", "CPU quota", check_cpu_quota},
      {"memory", "memory", check_memory},
      {"huge_pages", "transparent huge pages", check_huge_pages},
      {"swapping", "swapping", check_swapping},
      {"open_files", "open files", check_open_files},
      {"ports", "ephemeral ports", check_ports},
      {"backlog", "listen backlog", check_backlog},
      {"scratch", "scratch folder", check_scratch},
      {"cache", "cache folder", check_cache},
      {"results", "results folder", check_results},
      {"postgres", "PostgreSQL", check_postgres},
      {"user", "user", check_user},
      {"generators", "load generators", check_generators},
      {"docker", "Docker", check_docker},
      {"lock", "machine lock", check_lock},
      {"leftovers", "left-overs", check_leftovers},
  };
  return all;
}

}  // namespace poolbench::doctor
