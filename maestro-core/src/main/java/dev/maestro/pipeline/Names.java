package dev.maestro.pipeline;

import java.util.Set;
import java.util.regex.Pattern;

/** What names may look like, one rule each. */
final class Names {

  static final String VARIABLE_RULE =
      "1 to 100 letters, digits, '_', '.' or '-', and start with a letter or '_'";

  static final String CLEAN_TEXT_RULE = "the text must hold no NUL and no half of a surrogate pair";

  /** The input that is always there. */
  static final String TASK = "task";

  /** What the tasks of a plan know about themselves, beside inputs and outputs. */
  static final Set<String> ITEM =
      Set.of("item.id", "item.text", "item.file", "item.phase", "item.position");

  private static final int LONGEST = 200;
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,99}");
  private static final Pattern ENVIRONMENT = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,99}");
  private static final Pattern FORBIDDEN_IN_BRANCH =
      Pattern.compile("[\\x00-\\x20\\x7f~^:?*\\[\\\\]|\\.\\.|//|@\\{|(^|/)\\.|\\.lock(/|$)");

  private Names() {}

  static boolean isVariable(String name) {
    return VARIABLE.matcher(name).matches();
  }

  static boolean isItem(String name) {
    return name.equals("item") || name.startsWith("item.");
  }

  static boolean isEnvironment(String name) {
    return ENVIRONMENT.matcher(name).matches();
  }

  /** One line of text for people. */
  static boolean isLabel(String name) {
    return !name.isBlank() && name.length() <= LONGEST && !hasControls(name);
  }

  private static boolean hasControls(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (Character.isISOControl(name.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  /** What {@code git check-ref-format --branch} accepts, without Maestro's own branches. */
  static boolean isBranch(String name) {
    return !name.isEmpty()
        && name.length() <= LONGEST
        && !FORBIDDEN_IN_BRANCH.matcher(name).find()
        && !name.startsWith("-")
        && !name.startsWith("/")
        && !name.endsWith("/")
        && !name.endsWith(".")
        && !name.equals("@")
        && !name.equals("HEAD")
        && !name.startsWith("refs/")
        && !name.equals("maestro")
        && !name.startsWith("maestro/");
  }

  /** Whether it can be written as UTF-8 and handed to a process. */
  static boolean isCleanText(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0 || Character.isLowSurrogate(c)) {
        return false;
      }
      if (Character.isHighSurrogate(c)
          && (++i == text.length() || !Character.isLowSurrogate(text.charAt(i)))) {
        return false;
      }
    }
    return true;
  }
}
