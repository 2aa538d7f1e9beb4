#include "gatehouse/core/money.hpp"

namespace gatehouse::inline core {

std::string usd_text(PicoUsdSum amount) {
    const bool negative = amount < PicoUsdSum();
    const auto [whole, above] = dollars_of(negative ? PicoUsdSum() - amount : amount);
    std::string text = (negative ? "-" : "") + std::to_string(whole);
    if (above != 0) {
        text += usd_text(PicoUsd(above)).substr(1);  // without the zero before the point
    }
    return text;
}

}  // namespace gatehouse::inline core
