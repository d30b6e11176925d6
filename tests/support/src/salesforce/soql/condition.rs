//! What stands behind `WHERE`.

use super::literal::{self, Literal};
use super::parser::Parser;
use super::token::Word;
use super::{Condition, Flaw, Operator, Path};

impl Parser {
    /// Terms that are joined by `AND` or by `OR`; both at once need brackets.
    pub(super) fn condition(&mut self) -> Result<Condition, Flaw> {
        let first = self.term()?;
        let any = match self.peek() {
            Word::Name(name) if name.eq_ignore_ascii_case("OR") => true,
            Word::Name(name) if name.eq_ignore_ascii_case("AND") => false,
            _ => return Ok(first),
        };
        let (own, other) = if any { ("OR", "AND") } else { ("AND", "OR") };
        let mut terms = vec![first];
        while self.keyword(own) {
            terms.push(self.term()?);
        }
        if matches!(self.peek(), Word::Name(name) if name.eq_ignore_ascii_case(other)) {
            return Err(self.unexpected());
        }
        Ok(if any {
            Condition::Any(terms)
        } else {
            Condition::All(terms)
        })
    }

    fn term(&mut self) -> Result<Condition, Flaw> {
        if self.keyword("NOT") {
            return Ok(Condition::Not(Box::new(self.term()?)));
        }
        if self.sign("(") {
            let inner = self.condition()?;
            self.expect_sign(")")?;
            return Ok(inner);
        }
        let path = self.path()?;
        self.comparison(path)
    }

    fn comparison(&mut self, path: Path) -> Result<Condition, Flaw> {
        if self.keyword("IN") {
            return Ok(Condition::OneOf {
                path,
                values: self.set()?,
                negated: false,
            });
        }
        if self.keyword("NOT") {
            self.expect_keyword("IN")?;
            return Ok(Condition::OneOf {
                path,
                values: self.set()?,
                negated: true,
            });
        }
        let excludes = self.keyword("EXCLUDES");
        if excludes || self.keyword("INCLUDES") {
            return Ok(Condition::Includes {
                path,
                values: self.set()?,
                negated: excludes,
            });
        }
        let operator = self.operator()?;
        Ok(Condition::Compare {
            path,
            operator,
            value: self.literal()?,
        })
    }

    fn operator(&mut self) -> Result<Operator, Flaw> {
        let operator = match self.peek() {
            Word::Sign("=") => Operator::Equal,
            Word::Sign("!=" | "<>") => Operator::NotEqual,
            Word::Sign("<") => Operator::Less,
            Word::Sign("<=") => Operator::LessOrEqual,
            Word::Sign(">") => Operator::Greater,
            Word::Sign(">=") => Operator::GreaterOrEqual,
            Word::Name(name) if name.eq_ignore_ascii_case("LIKE") => Operator::Like,
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok(operator)
    }

    fn set(&mut self) -> Result<Vec<Literal>, Flaw> {
        self.expect_sign("(")?;
        let values = self.listed(Self::literal)?;
        self.expect_sign(")")?;
        Ok(values)
    }

    fn literal(&mut self) -> Result<Literal, Flaw> {
        let found = self.token().map(literal::of).transpose()?.flatten();
        let literal = found.ok_or_else(|| self.unexpected())?;
        self.advance();
        match literal {
            Literal::Days(name, _) if name.contains("_N_") => {
                self.expect_sign(":")?;
                let number = self.number()?;
                Ok(Literal::Days(name, i64::try_from(number).ok()))
            }
            literal => Ok(literal),
        }
    }
}
