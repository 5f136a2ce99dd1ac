package dev.maestro.agent;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.failure.PermanentException;
import dev.maestro.json.Json;
import dev.maestro.task.Money;
import dev.maestro.task.Usage;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What models cost, for providers that tell tokens and no money.
 *
 * <p>A model is found by its full id, or by its id without the date at its end, so that one entry
 * serves all dated ids of a model. An entry that ends with a hyphen serves every id that begins
 * with it; the longest that fits decides. A model without an entry has no price: its tokens count,
 * and what it costs is not known, which the run says; where a budget limits money, it settles at
 * what was put aside for the launch. A model that costs nothing has an entry that says so. A new
 * model of a family is not taken for an old one, which may cost a third of it.
 *
 * @param byModel by model id, or by the beginning of ids, with a hyphen at its end
 */
public record Prices(NavigableMap<String, Price> byModel) {

  private static final String BUILT_IN = "prices.json";

  /** What may follow the name of a model: nothing, or a date. */
  private static final Pattern DATE = Pattern.compile("(-\\d{4}-?\\d{2}-?\\d{2})?");

  /**
   * What a million tokens of a model cost.
   *
   * @param input tokens sent and not taken from a cache
   * @param output tokens received
   * @param cached tokens taken from a cache
   */
  public record Price(Money input, Money output, Money cached) {

    /** {@return what this usage costs} */
    public Money of(Usage usage) {
      BigDecimal all =
          part(input, usage.inputTokens())
              .add(part(output, usage.outputTokens()))
              .add(part(cached, usage.cachedTokens()));
      return new Money(all);
    }

    private static BigDecimal part(Money each, long tokens) {
      return each.usd().multiply(BigDecimal.valueOf(tokens)).movePointLeft(6);
    }
  }

  /** Copy the map. */
  public Prices {
    byModel = new TreeMap<>(byModel);
  }

  /** {@return no prices: only what providers tell counts as money} */
  public static Prices none() {
    return new Prices(new TreeMap<>());
  }

  /**
   * {@return the list prices this version of Maestro comes with}
   *
   * <p>They were compared with what providers publish, and with what others have noted down of
   * that, in November 2026; what could not be found there is not among them. Where a model costs
   * more with longer prompts, its dearest price is here, because a launch tells only the sum of its
   * prompts: so a budget is used up too soon rather than too late. Discounts, surcharges for speed
   * and region, and writing to a cache are not reckoned with. Replace what matters to you.
   */
  public static Prices builtIn() {
    return BuiltIn.PRICES;
  }

  /**
   * Read prices from JSON of the form {@code {"model": {"input": "3", "output": "15", "cached":
   * "0.3"}}}, in dollars for a million tokens.
   */
  public static Prices read(InputStream json) throws IOException {
    NavigableMap<String, Price> all = new TreeMap<>();
    Json.read(json.readAllBytes())
        .properties()
        .forEach(model -> all.put(model.getKey(), price(model.getValue())));
    return new Prices(all);
  }

  private static Price price(JsonNode json) {
    return new Price(money(json, "input"), money(json, "output"), money(json, "cached"));
  }

  private static Money money(JsonNode json, String name) {
    return Money.usd(json.path(name).asText());
  }

  /** {@return these, and this price for a model, or for all whose id begins so} */
  public Prices with(String model, Price price) {
    NavigableMap<String, Price> more = new TreeMap<>(byModel);
    more.put(model, price);
    return new Prices(more);
  }

  /** {@return these, with money per million input, output and cached tokens, as decimal dollars} */
  public Prices with(String model, String input, String output, String cached) {
    return with(model, new Price(Money.usd(input), Money.usd(output), Money.usd(cached)));
  }

  /** {@return the price of this model, if there is one} */
  public Optional<Price> of(@Nullable String model) {
    if (model == null) {
      return Optional.empty();
    }
    for (Map.Entry<String, Price> entry : byModel.headMap(model, true).descendingMap().entrySet()) {
      if (serves(entry.getKey(), model)) {
        return Optional.of(entry.getValue());
      }
    }
    return Optional.empty();
  }

  private static boolean serves(String entry, String model) {
    return model.startsWith(entry)
        && (entry.endsWith("-") || DATE.matcher(model.substring(entry.length())).matches());
  }

  /** {@return the usage with what it costs, if its provider did not tell and there is a price} */
  public Usage price(@Nullable String model, Usage usage) {
    return isUnpriced(usage)
        ? of(model).map(price -> usage.costing(price.of(usage))).orElse(usage)
        : usage;
  }

  /** {@return whether this was used of the model, and neither told nor known is what it cost} */
  public boolean isUnknown(@Nullable String model, Usage usage) {
    boolean priced = usage.tokens() > 0 && of(model).isPresent();
    return usage.cost().equals(Money.ZERO) && !usage.isNothing() && !priced;
  }

  /** {@return whether tokens were used and their provider does not tell what they cost} */
  public static boolean isUnpriced(Usage usage) {
    return usage.tokens() > 0 && usage.cost().equals(Money.ZERO);
  }

  /** Read when they are needed first: whoever's providers tell what they cost needs none. */
  private static final class BuiltIn {
    static final Prices PRICES = readBuiltIn();
  }

  private static Prices readBuiltIn() {
    try (InputStream json = Prices.class.getResourceAsStream(BUILT_IN)) {
      return read(Objects.requireNonNull(json, BUILT_IN));
    } catch (IOException e) {
      throw new PermanentException("cannot read " + BUILT_IN + " from Maestro's own jar", e);
    }
  }
}
