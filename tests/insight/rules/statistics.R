# What R says of its own data sets: `Rscript tests/insight/rules/statistics.R > tests/insight/rules/statistics.json`.
# Base R and its recommended package survival; where R has no function of its own, the textbook's formula in R.
suppressPackageStartupMessages(library(survival))

number <- function(x) {
  x <- as.numeric(x)
  text <- ifelse(is.na(x), "null", formatC(x, digits = 15, width = 1, format = "g"))
  if (length(x) == 1) text else paste0("[", paste(text, collapse = ", "), "]")
}
found <- character()
tell <- function(name, ...) {
  values <- list(...)
  parts <- paste0("\"", names(values), "\": ", vapply(values, number, ""))
  found <<- c(found, paste0("  \"", name, "\": {", paste(parts, collapse = ", "), "}"))
}

# ---- tables -------------------------------------------------------------------------------------
chi <- function(table) {
  test <- suppressWarnings(chisq.test(table, correct = FALSE))
  v <- sqrt(test$statistic / sum(table) / (min(dim(table)) - 1))
  list(statistic = test$statistic, freedom = test$parameter, p = test$p.value, effect = v)
}
hair <- apply(HairEyeColor, c(1, 2), sum)
do.call(tell, c("chi_hair_eye", list(table = t(hair)), chi(hair)))
four <- matrix(c(12, 5, 7, 7), 2)
do.call(tell, c("chi_two_by_two", list(table = t(four)), chi(four)))

# ---- two groups ---------------------------------------------------------------------------------
a <- sleep$extra[sleep$group == 1]
b <- sleep$extra[sleep$group == 2]
t <- t.test(a, b)
n <- length(a)
m <- length(b)
pooled <- sqrt(((n - 1) * var(a) + (m - 1) * var(b)) / (n + m - 2))
g <- (mean(a) - mean(b)) / pooled * (1 - 3 / (4 * (n + m) - 9))
tell("welch_sleep", a = a, b = b, statistic = t$statistic, freedom = t$parameter, p = t$p.value,
     interval = t$conf.int, effect = g)
w <- suppressWarnings(wilcox.test(a, b, exact = FALSE))
tell("mann_whitney_sleep", statistic = w$statistic, p = w$p.value, effect = w$statistic / (n * m))

# ---- many groups --------------------------------------------------------------------------------
plants <- split(PlantGrowth$weight, PlantGrowth$group)
one <- anova(lm(weight ~ group, PlantGrowth))
pairs <- combn(names(plants), 2)
raw <- apply(pairs, 2, function(p) t.test(plants[[p[1]]], plants[[p[2]]])$p.value)
gaps <- apply(pairs, 2, function(p) mean(plants[[p[1]]]) - mean(plants[[p[2]]]))
table <- pairwise.t.test(PlantGrowth$weight, PlantGrowth$group, pool.sd = FALSE, p.adjust.method = "holm")$p.value
adjusted <- c(table["trt1", "ctrl"], table["trt2", "ctrl"], table["trt2", "trt1"])
tell("anova_plants", ctrl = plants$ctrl, trt1 = plants$trt1, trt2 = plants$trt2, statistic = one$F[1],
     freedom = one$Df, p = one$`Pr(>F)`[1], effect = one$`Sum Sq`[1] / sum(one$`Sum Sq`),
     pair_differences = gaps, pair_p = raw, pair_adjusted = adjusted)
ranks <- rank(PlantGrowth$weight)
kw <- kruskal.test(weight ~ group, PlantGrowth)
size <- length(ranks)
ties <- table(PlantGrowth$weight)
spread <- size * (size + 1) / 12 - sum(ties^3 - ties) / (12 * (size - 1))
means <- tapply(ranks, PlantGrowth$group, mean)
counts <- tapply(ranks, PlantGrowth$group, length)
z <- apply(pairs, 2, function(p) (means[p[1]] - means[p[2]]) / sqrt(spread * sum(1 / counts[p])))
dunn <- 2 * pnorm(-abs(z))
tell("kruskal_plants", statistic = kw$statistic, freedom = kw$parameter, p = kw$p.value,
     effect = kw$statistic / (size - 1), pair_p = dunn, pair_adjusted = p.adjust(dunn, "holm"))
air <- split(airquality$Ozone[!is.na(airquality$Ozone)], airquality$Month[!is.na(airquality$Ozone)])
kw <- kruskal.test(Ozone ~ Month, airquality)
one <- anova(lm(Ozone ~ factor(Month), airquality))
tell("months_of_ozone", may = air$`5`, june = air$`6`, july = air$`7`, august = air$`8`, september = air$`9`,
     h = kw$statistic, h_p = kw$p.value, f = one$F[1], f_p = one$`Pr(>F)`[1])

# ---- going together -----------------------------------------------------------------------------
r <- cor.test(cars$speed, cars$dist)
rho <- suppressWarnings(cor.test(cars$speed, cars$dist, method = "spearman", exact = FALSE))
tell("correlation_cars", speed = cars$speed, dist = cars$dist, r = r$estimate, r_p = r$p.value,
     r_interval = r$conf.int, rho = rho$estimate, rho_p = rho$p.value)

# ---- models -------------------------------------------------------------------------------------
vif <- function(frame) vapply(names(frame), function(name) {
  1 / (1 - summary(lm(reformulate(setdiff(names(frame), name), name), frame))$r.squared)
}, 0)
model <- lm(mpg ~ wt + hp, mtcars)
told <- summary(model)
e <- residuals(model)
size <- length(e)
skew <- mean(e^3) / mean(e^2)^1.5
tails <- mean(e^4) / mean(e^2)^2
jb <- size / 6 * (skew^2 + (tails - 3)^2 / 4)
bp <- size * summary(lm(I(e^2) ~ wt + hp, mtcars))$r.squared
f <- told$fstatistic
tell("linear_mtcars", mpg = mtcars$mpg, wt = mtcars$wt, hp = mtcars$hp, estimate = coef(told)[, 1],
     error = coef(told)[, 2], statistic = coef(told)[, 3], p = coef(told)[, 4], low = confint(model)[, 1],
     high = confint(model)[, 2], r2 = told$r.squared, r2_adjusted = told$adj.r.squared, f = f[1],
     f_p = pf(f[1], f[2], f[3], lower.tail = FALSE), vif = vif(mtcars[c("wt", "hp")]),
     durbin_watson = sum(diff(e)^2) / sum(e^2), jarque_bera_p = pchisq(jb, 2, lower.tail = FALSE),
     breusch_pagan_p = pchisq(bp, 2, lower.tail = FALSE), cook = max(cooks.distance(model)))
exact <- glm.control(epsilon = 1e-14, maxit = 100)
model <- glm(case ~ age + parity + spontaneous + induced, binomial, infert, control = exact)
empty <- glm(case ~ 1, binomial, infert, control = exact)
told <- coef(summary(model))
chance <- fitted(model)
y <- infert$case
auc <- suppressWarnings(wilcox.test(chance[y == 1], chance[y == 0], exact = FALSE))$statistic / sum(y) / sum(1 - y)
order <- order(chance)
size <- length(y)
part <- rep(1:10, diff(floor(0:10 * size / 10)))
expected <- tapply(chance[order], part, sum)
came <- tapply(y[order], part, sum)
many <- tapply(y[order], part, length)
hl <- sum((came - expected)^2 / (expected * (1 - expected / many)))
half <- qnorm(0.975) * told[, 2]
tell("logistic_infert", case = y, age = infert$age, parity = infert$parity, spontaneous = infert$spontaneous,
     induced = infert$induced, estimate = told[, 1], error = told[, 2], statistic = told[, 3], p = told[, 4],
     low = told[, 1] - half, high = told[, 1] + half, mcfadden = 1 - as.numeric(logLik(model) / logLik(empty)),
     lr_p = pchisq(deviance(empty) - deviance(model), 4, lower.tail = FALSE), auc = auc,
     brier = mean((chance - y)^2), aic = AIC(model), hosmer_lemeshow_p = pchisq(hl, 8, lower.tail = FALSE),
     vif = vif(infert[c("age", "parity", "spontaneous", "induced")]))

# ---- survival -----------------------------------------------------------------------------------
fit <- survfit(Surv(time, status) ~ x, aml, conf.type = "log-log")
test <- survdiff(Surv(time, status) ~ x, aml)
came <- summary(fit)
first <- came$strata == "x=Maintained"
inner <- function(values) ifelse(is.na(values), 0, values)
tell("survival_aml", first_times = aml$time[aml$x == "Maintained"], first_came = aml$status[aml$x == "Maintained"],
     second_times = aml$time[aml$x != "Maintained"], second_came = aml$status[aml$x != "Maintained"],
     first_at = came$time[first], first_share = came$surv[first], first_low = came$lower[first],
     first_high = came$upper[first], first_risk = came$n.risk[first], second_share = came$surv[!first],
     medians = quantile(fit, 0.5)$quantile, log_rank = test$chisq, log_rank_p = pchisq(test$chisq, 1, lower.tail = FALSE))
three <- survdiff(Surv(time, status) ~ celltype, veteran)
kinds <- levels(veteran$celltype)
two <- combn(kinds, 2)
alone <- apply(two, 2, function(p) survdiff(Surv(time, status) ~ celltype, droplevels(veteran[veteran$celltype %in% p, ])))
waits <- function(kind, what) veteran[[what]][veteran$celltype == kind]
alone_p <- vapply(alone, function(one) pchisq(one$chisq, 1, lower.tail = FALSE), 0)
peto <- vapply(alone, function(one) exp((one$obs[1] - one$exp[1]) / one$var[1, 1]), 0)
tell("survival_veteran", squamous = waits("squamous", "time"), squamous_came = waits("squamous", "status"),
     smallcell = waits("smallcell", "time"), smallcell_came = waits("smallcell", "status"),
     adeno = waits("adeno", "time"), adeno_came = waits("adeno", "status"), large = waits("large", "time"),
     large_came = waits("large", "status"), log_rank = three$chisq,
     log_rank_p = pchisq(three$chisq, 3, lower.tail = FALSE), pair_ratio = peto, pair_p = alone_p,
     pair_adjusted = p.adjust(alone_p, "holm"))

# ---- many comparisons ---------------------------------------------------------------------------
values <- c(0.011, 0.04, 0.0301, 0.02, 0.05, 0.0004, 0.62, 1)
tell("corrections", values = values, holm = p.adjust(values, "holm"), bh = p.adjust(values, "BH"))
won <- c(30, 50, 52)
shares <- combn(3, 2, function(at) prop.test(won[at], c(100, 100), correct = FALSE)$p.value)
tell("shares_by_pairs", won = won, pair_p = shares, pair_adjusted = p.adjust(shares, "holm"))
version <- paste0("  \"R\": \"", R.version$major, ".", R.version$minor, "\"")
cat("{\n", paste(c(version, found), collapse = ",\n"), "\n}\n", sep = "")
