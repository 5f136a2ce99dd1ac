package dev.maestro.providers;

/**
 * Masks what is said piece by piece, where a secret may begin in one piece and end in another.
 *
 * <p>What may be the beginning of a secret is held back until more is said, or something else
 * happens.
 */
final class MaskedFlow {

  private final Mask mask;
  private String held = "";

  MaskedFlow(Mask mask) {
    this.mask = mask;
  }

  /** {@return what can be passed on of what was said so far} */
  String pass(String piece) {
    String text = mask.apply(held + piece);
    int safe = text.length() - mask.begun(text);
    held = text.substring(safe);
    return text.substring(0, safe);
  }

  /** {@return what was held back, as nothing more is said} */
  String rest() {
    String rest = held;
    held = "";
    return rest;
  }
}
