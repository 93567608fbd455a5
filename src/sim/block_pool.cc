#include "sim/block_pool.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/check.h"

namespace kthena::sim {

BlockPool::BlockPool(std::uint32_t blocks, bool keep_content)
    : links_(std::size_t{blocks} + 1), blocks_(links_.data(), blocks), keep_content_(keep_content) {
  links_[blocks].newer = links_[blocks].older = blocks;
  for (BlockId block = 0; block < blocks; ++block) {
    link_newest(block);
  }
}

void BlockPool::link_newest(BlockId block) noexcept {
  const BlockId sentinel = size();
  const BlockId newest = links_[sentinel].older;
  links_[block].older = newest;
  links_[block].newer = sentinel;
  links_[newest].newer = block;
  links_[sentinel].older = block;
  ++free_;
}

void BlockPool::unlink(BlockId block) noexcept {
  links_[links_[block].older].newer = links_[block].newer;
  links_[links_[block].newer].older = links_[block].older;
  --free_;
}

std::optional<BlockId> BlockPool::find(BlockHash hash) const {
  const auto found = by_hash_.find(hash);
  if (found == by_hash_.end()) {
    return std::nullopt;
  }
  return found->second;
}

void BlockPool::acquire(BlockId block) noexcept {
  if (blocks_[block].references++ == 0) {
    unlink(block);
  }
}

BlockId BlockPool::allocate() {
  CHECK_GT(free_, 0U);
  const BlockId oldest = links_[size()].newer;
  unlink(oldest);
  Block& block = blocks_[oldest];
  if (block.hash != 0) {
    by_hash_.erase(block.hash);
    block.hash = 0;
    ++evictions_;
  }
  block.references = 1;
  return oldest;
}

void BlockPool::publish(BlockId block, BlockHash hash) {
  if (keep_content_ && blocks_[block].hash == 0 && by_hash_.try_emplace(hash, block).second) {
    blocks_[block].hash = hash;
  }
}

void BlockPool::release(std::span<const BlockId> blocks) noexcept {
  for (std::size_t left = blocks.size(); left > 0; --left) {
    const BlockId block = blocks[left - 1];
    if (--blocks_[block].references == 0) {
      link_newest(block);
    }
  }
}

bool BlockPool::forget_content() noexcept {
  if (used() > 0) {
    return false;
  }
  for (Block& block : blocks_) {
    block.hash = 0;
  }
  by_hash_.clear();
  return true;
}

}  // namespace kthena::sim
