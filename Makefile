# OneCity. `make help` says what can be done.
SHELL := /bin/bash
.DEFAULT_GOAL := help
CITY ?= kunshan
export CITY

APP := web/app
LINT := bin/golangci-lint
LINT_VERSION := v2.15.0

.PHONY: help
help: ## what can be done
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: run
run: packages web build ## set everything up and start the city (CITY=kunshan or andorra)
	@internal/setup/run.sh

.PHONY: test
test: packages-test web test-app lint test-go test-e2e audit-report ## every test there is

.PHONY: build
build: ## the binary, bin/onecity
	@mkdir -p bin
	go build -o bin/onecity ./cmd/onecity

.PHONY: web
web: $(APP)/dist/index.html ## the front end, embedded in the binary

$(APP)/node_modules/.package-lock.json: $(APP)/package-lock.json
	npm --prefix $(APP) ci --no-audit --no-fund
	@touch $@

$(APP)/dist/index.html: $(APP)/node_modules/.package-lock.json $(shell find $(APP) -path $(APP)/node_modules -prune -o -path $(APP)/dist -prune -o -type f -print)
	npm --prefix $(APP) run build

.PHONY: packages packages-test
packages:
	@internal/setup/packages.sh run
packages-test:
	@internal/setup/packages.sh test

.PHONY: test-app
test-app: $(APP)/node_modules/.package-lock.json ## front end: types, lint, unit tests
	npm --prefix $(APP) run typecheck
	npm --prefix $(APP) run lint
	npm --prefix $(APP) run test

.PHONY: test-go
test-go: ## Go: unit and integration tests (real NATS, real PostgreSQL)
	go test -timeout 15m ./...

.PHONY: test-e2e
test-e2e: web build ## the program as shipped, in a real browser; kill -9 and faults
	go test -tags e2e -count=1 -timeout 20m ./internal/e2e/...

.PHONY: audit
audit: ## known vulnerabilities in what the program is made of
	@internal/setup/audit.sh

# A vulnerability that becomes known is news, not a fault of the change under
# test: the tests report it, make audit fails.
.PHONY: audit-report
audit-report:
	@internal/setup/audit.sh || true

.PHONY: lint
lint: $(LINT) ## go vet, staticcheck and a short list of linters
	go vet ./...
	$(LINT) run ./...

$(LINT):
	@mkdir -p bin
	GOBIN=$(CURDIR)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

.PHONY: bench
bench: packages web build ## measure everything and rewrite the table in docs/performance.md
	go run ./internal/bench/cmd

.PHONY: clean
clean: ## remove what was built (never data/)
	rm -rf bin $(APP)/dist/assets $(APP)/dist/index.html
