// Numbers that many threads add to without meeting: each thread has cells of its own, a reader
// sums.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace kthena::telemetry::detail {

/// The cells of one series: `count` consecutive numbers, in every slot at the same place.
using CellIndex = std::uint32_t;

/// Reserves cells, which are 0. Nothing if the process has used up its 4 million. Takes no memory
/// but where a thread then adds. Thread-safe.
std::optional<CellIndex> allocate_cells(std::uint32_t count);
/// Gives cells back. Nobody adds to them any more.
void free_cells(CellIndex first, std::uint32_t count) noexcept;

/// Adds to this thread's cell: a load and a store, in memory that no other thread writes to.
/// Threads beyond the 64th at a time share their cells and pay an atomic addition.
void add_to_cell(CellIndex cell, double amount) noexcept;
/// The same for two cells of one series.
void add_to_cells(CellIndex a, double amount_a, CellIndex b, double amount_b) noexcept;

/// Sets a number that counts beside what threads have added. The last caller wins.
void set_cell(CellIndex cell, double value) noexcept;

/// What all threads, also those that ended, have added, and what was set.
double sum_of_cell(CellIndex cell) noexcept;

/// A small number that this thread shares with few or no others, for spreading locks.
std::size_t thread_stripe() noexcept;

}  // namespace kthena::telemetry::detail
