// The load generator: a program of its own, so that it is as small as what it needs.
#include "cli/entry.h"
#include "cli/generator/command.h"

int main(int argc, char** argv) {
  using namespace poolbench::cli;
  return enter(
      {"poolbench load", "Offers load to a web server and measures the answers.", set_up_load},
      argc, argv);
}
