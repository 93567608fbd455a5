// What zlib knows in advance of SPDY's header fields.
#pragma once

#include <string>

namespace kthena::apiserver::spdy {

/// 1423 bytes, fixed by the protocol. Source: SPDY draft 3.1, section 2.6.10.1.
const std::string& header_dictionary();

}  // namespace kthena::apiserver::spdy
