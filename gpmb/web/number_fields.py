"""Numbers typed the Vietnamese way: 1.234.567 đồng, 1.234,5 m²; "20.000" is asked about."""

from decimal import Decimal
from typing import Any

from django import forms

from gpmb.importing.numbers import Ambiguous, number
from gpmb.vn import grouped


class NumberField(forms.DecimalField):
    """A number of up to `decimal_places` decimals, shown and read with a decimal comma."""

    default_error_messages = {
        "invalid": "Gõ số, ví dụ 1.234,5.",
        "ambiguous": "“%(text)s” có thể là hai số: gõ %(one)s hoặc %(other)s.",
        "required": "Hãy gõ số.",
    }

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(widget=kwargs.pop("widget", widget), **kwargs)

    def to_python(self, value: Any) -> Any:  # the stubs call a DecimalField's value an int
        if value in self.empty_values or not isinstance(value, str):
            return super().to_python(value)
        text = value.strip()
        sign = -1 if text.startswith(("-", "−")) else 1
        try:
            # Without trailing zeros, which would count as decimals.
            return sign * number(text.lstrip("-−")).normalize() + 0
        except Ambiguous:
            return sign * self.clear(text)
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None

    def clear(self, text: str) -> Decimal:
        """Decide "20.000", or say which two numbers it may be."""
        whole = "".join(filter(str.isdigit, text))
        part = text[-3:].rstrip("0") or "0"
        raise forms.ValidationError(
            self.error_messages["ambiguous"],
            code="ambiguous",
            params={
                "text": text,
                "one": whole,
                # Three decimals would be asked about again.
                "other": f"{text[:-4]},{part}{'0' if len(part) == 3 else ''}",
            },
        )

    def prepare_value(self, value: Any) -> Any:
        """Show a number so that it is read back as itself: 99.999 alone would be asked about."""
        if not isinstance(value, Decimal):
            return value
        exponent = value.normalize().as_tuple().exponent
        places = max(0, -exponent) if isinstance(exponent, int) else 0
        if not places:
            return f"{value:.0f}"
        return grouped(value, 4 if places == 3 and abs(value) < 1000 else places)


class MoneyInput(NumberField):
    """Whole đồng: "20.000" can only be twenty thousand."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=16, decimal_places=0, **kwargs)

    def clear(self, text: str) -> Decimal:
        return Decimal("".join(filter(str.isdigit, text)))

    def prepare_value(self, value: Any) -> Any:
        return grouped(value) if isinstance(value, Decimal) else value
