// The program `kthena`: commands for people and for continuous integration.
#include <iostream>
#include <string_view>
#include <vector>

#include "cli/commands.h"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const std::vector<std::string_view> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const int status =
      kthena::cli::run(arguments, {.in = std::cin, .out = std::cout, .err = std::cerr});
  std::cout.flush();
  if (!std::cout) {
    std::cerr << "kthena: the output could not be written\n";
    return kthena::cli::kMisuse;
  }
  return status;
}
